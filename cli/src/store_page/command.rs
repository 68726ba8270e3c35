//! The command that restores a state, as it can be pasted into a shell.

use std::path::Path;
use std::sync::Arc;

use page::{Command, State};
use snapstore::AddressingStyle;

use crate::args::StoreArgs;

/// Restores from the store that the flags name. What of it comes from the environment, and is no secret, is written out: whoever
/// pastes it may have none of that. Credentials are variables and files, and stay where they are.
pub(super) fn command(store: &StoreArgs) -> Command {
    let words = store_words(store);
    Command(Arc::new(move |state| written(&words, state)))
}

fn written(store: &[String], state: &State) -> String {
    let revision = state.revision.to_string();
    let mut words = vec!["etcdbrctl".to_owned(), "restore".to_owned()];
    words.extend_from_slice(store);
    words.extend(["--to-revision".to_owned(), revision.clone()]);
    if let Some(lineage) = &state.lineage {
        words.extend(["--lineage".to_owned(), lineage.clone()]);
    }
    words.extend(["--data-dir".to_owned(), format!("restored-{revision}.etcd")]);
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    quoted.join(" ")
}

fn store_words(store: &StoreArgs) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |flag: &str, value: String| {
        if !value.is_empty() {
            words.extend([flag.to_owned(), value]);
        }
    };
    let is_directory = matches!(store.storage_provider.as_str(), "" | "Local");
    let provider = if is_directory {
        "Local"
    } else {
        &store.storage_provider
    };
    add("--storage-provider", provider.to_owned());
    add("--store-container", store.store_container.clone());
    add("--store-prefix", store.store_prefix.clone());
    // One with a user or a query in it may hold a secret, and opens no store either.
    let endpoint = store.store_endpoint_override.as_ref();
    let endpoint = endpoint.and_then(|endpoint| endpoint.text().ok());
    add(
        "--store-endpoint-override",
        endpoint.unwrap_or_default().to_owned(),
    );
    let style = store.store_addressing_style.map(|style| match style {
        AddressingStyle::Virtual => "virtual",
        AddressingStyle::Path => "path",
    });
    add(
        "--store-addressing-style",
        style.unwrap_or_default().to_owned(),
    );
    let path = |path: &Path| path.to_string_lossy().into_owned();
    #[cfg(feature = "plugins")]
    for (flag, named) in [
        ("--plugin", &store.plugin),
        ("--plugin-dir", &store.plugin_dir),
    ] {
        add(flag, named.as_deref().map(path).unwrap_or_default());
    }
    for identity in &store.identity {
        // A relative one would be looked for wherever the command is pasted.
        let identity = std::path::absolute(identity).unwrap_or_else(|_| identity.clone());
        add("--identity", path(&identity));
    }
    words
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(container: &str, prefix: &str) -> String {
        let store = StoreArgs {
            store_container: container.to_owned(),
            store_prefix: prefix.to_owned(),
            ..StoreArgs::default()
        };
        let state = State {
            revision: 42,
            lineage: Some("3f9a".to_owned()),
        };
        (command(&store).0)(&state)
    }

    #[test]
    fn all_that_names_the_store_is_written() {
        assert_eq!(
            of("/srv/backups", "ns--uid/etcd-main"),
            "etcdbrctl restore --storage-provider Local --store-container /srv/backups --store-prefix ns--uid/etcd-main \
             --to-revision 42 --lineage 3f9a --data-dir restored-42.etcd"
        );
    }

    /// A name of a bucket that a shell takes apart would run what it holds.
    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        let hostile = "it's $(touch x); `y` \"z\" *";
        let command = of(hostile, "");
        let shown = std::process::Command::new("sh")
            .args(["-c", &command.replacen("etcdbrctl", "printf '%s\\n'", 1)])
            .output()
            .unwrap();
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert_eq!(shown.lines().nth(4), Some(hostile), "{command}");
        assert_eq!(quoted(""), "''");
    }
}
