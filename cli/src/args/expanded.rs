//! What a command line means before it is parsed: the file that `server` is configured by, and values that are left empty.

use std::ffi::OsString;
use std::path::Path;

use super::config_file::{self, FromFile};

const CONFIG_FILE: &str = "--config-file";

/// Flags that a template writes with nothing after the sign where it has no value, and that mean nothing then.
const MAY_BE_EMPTY: [&str; 8] = [
    "store-endpoint-override",
    "service-endpoints",
    "config-file",
    "cacert",
    "cert",
    "key",
    "etcd-username",
    "etcd-password",
];

/// Before these, a flag of a second store.
const OF_ANOTHER: [&str; 2] = ["source-", "secondary-"];

/// The words as they are to be parsed, and the keys of the file that nobody knows.
pub(crate) fn expanded(
    words: impl IntoIterator<Item = OsString>,
) -> Result<(Vec<OsString>, Vec<String>), String> {
    let mut words: Vec<OsString> = words.into_iter().filter(|word| !is_empty(word)).collect();
    let Some(path) = config_file_of(&words) else {
        return Ok((words, Vec::new()));
    };
    let FromFile {
        words: told,
        unknown,
    } = config_file::read(Path::new(&path))?;
    // What stands on the command line comes after it, and so it counts.
    if let Some(at) = server_at(&words) {
        words.splice(at + 1..at + 1, told);
    }
    Ok((words, unknown))
}

fn is_empty(word: &OsString) -> bool {
    let flag = word.to_str().and_then(|word| word.strip_prefix("--"));
    let Some(flag) = flag.and_then(|flag| flag.strip_suffix('=')) else {
        return false;
    };
    let plain = OF_ANOTHER.iter().find_map(|of| flag.strip_prefix(of));
    MAY_BE_EMPTY.contains(&plain.unwrap_or(flag))
}

/// Flags that may stand before the command, with a value in a word of its own.
const BEFORE: [&str; 4] = ["-o", "--output", "--log-level", "--log-format"];

/// Where the command is named, if it is `server`.
fn server_at(words: &[OsString]) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = words.get(at)?.to_str() {
        at += match word {
            "server" => return Some(at),
            flag if BEFORE.contains(&flag) => 2,
            flag if flag.starts_with('-') => 1,
            // Another command.
            _ => return None,
        };
    }
    None
}

/// The file that is named last, if the command is `server`.
fn config_file_of(words: &[OsString]) -> Option<OsString> {
    let at = server_at(words)?;
    let after = words.get(at + 1..)?;
    let next = after.iter().skip(1).map(Some).chain([None]);
    let named = after.iter().zip(next).filter_map(|(word, next)| {
        let rest = word.to_str()?.strip_prefix(CONFIG_FILE)?;
        match rest.strip_prefix('=') {
            Some(path) => Some(OsString::from(path)),
            None if rest.is_empty() => next.cloned(),
            None => None,
        }
    });
    named.last()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[OsString]) -> String {
        let words: Vec<_> = words.iter().map(|word| word.to_str().unwrap()).collect();
        words.join(" ")
    }

    fn of(text: &str) -> Result<(Vec<OsString>, Vec<String>), String> {
        expanded(text.split(' ').map(OsString::from))
    }

    /// The reference lets its file replace every flag: an operator who added one to the command line changed nothing.
    #[test]
    fn a_flag_counts_for_more_than_the_file() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("config.yaml");
        std::fs::write(&path, "serverConfig: {port: 9090, colour: red}").unwrap();
        let path = path.to_str().unwrap();
        for before in ["-o json", "--log-level debug -q", "--output=json"] {
            let line = format!("etcdbrctl {before} server --config-file {path}");
            let (words, _) = of(&line).unwrap();
            assert!(
                words.iter().any(|word| word == "--server-port=9090"),
                "{line}"
            );
        }
        for named in [
            format!("--config-file {path}"),
            format!("--config-file={path}"),
        ] {
            let (words, unknown) =
                of(&format!("etcdbrctl server {named} --server-port 9091")).unwrap();
            let expected =
                format!("etcdbrctl server --server-port=9090 {named} --server-port 9091");
            assert_eq!(line(&words), expected);
            assert_eq!(unknown, ["serverConfig.colour"]);
        }
    }

    #[test]
    fn a_file_is_read_for_the_server_alone() {
        for text in [
            "etcdbrctl list --config-file /no/such",
            "etcdbrctl list server --config-file /no/such",
            "etcdbrctl server",
            "etcdbrctl",
        ] {
            assert_eq!(line(&of(text).unwrap().0), text);
        }
        let error = of("etcdbrctl server --config-file /no/such").unwrap_err();
        assert!(error.contains("/no/such"), "{error}");
    }

    /// A chart writes `--store-endpoint-override=` where it has no endpoint, and nothing started.
    #[test]
    fn what_is_left_empty_is_not_given() {
        let (words, _) = of("etcdbrctl compact --store-endpoint-override= --store-prefix= --source-cacert= --data-dir=").unwrap();
        assert_eq!(
            line(&words),
            "etcdbrctl compact --store-prefix= --data-dir="
        );
    }
}
