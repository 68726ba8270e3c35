//! Backups beside a prefix that has none: a misspelt prefix looks like a cluster that has not been backed up yet.

use engine::backups::SnapshotName;
use engine::session::Session;
use snapstore::{ListRequest, ObjectMeta, Snapstore};

use crate::args::StoreArgs;
use crate::opened;

/// So many letters are a slip.
const SLIP: usize = 2;

/// Where the store of `session`, which `store` names, has no backup: warns of prefixes with backups that are named
/// almost as its own.
pub(crate) async fn warn(session: &Session, store: &StoreArgs) {
    // A store that cannot be listed says so elsewhere.
    let holds = session.store.list(&ListRequest::default()).await;
    let is_snapshot = |object: &ObjectMeta| SnapshotName::parse(object.id.key.file_name()).is_ok();
    if holds.is_ok_and(|page| page.objects.iter().any(is_snapshot)) {
        return;
    }
    let almost = almost(store, session.seed).await;
    if !almost.is_empty() {
        tracing::warn!(
            "there are backups at a prefix of almost this name: {}; if they are meant, correct --store-prefix {}",
            almost.join(", "),
            store.store_prefix
        );
    }
}

/// The prefixes with backups that are named almost as that of `store`. It may be forbidden to look there, and two
/// pages are looked at: that none is found says nothing.
async fn almost(store: &StoreArgs, seed: u64) -> Vec<String> {
    let prefix = store.store_prefix.trim_matches('/');
    let (above, name) = prefix.rsplit_once('/').unwrap_or(("", prefix));
    if name.is_empty() {
        return Vec::new();
    }
    let mut parent = store.clone();
    parent.store_prefix = above.to_owned();
    let Ok(opened) = opened::open(&parent, seed).await else {
        return Vec::new();
    };
    let names = beside(&*opened, name).await.into_iter();
    let full = |name: String| match above {
        "" => name,
        above => format!("{above}/{name}"),
    };
    names.map(full).collect()
}

async fn beside(parent: &dyn Snapstore, name: &str) -> Vec<String> {
    // In a bucket of many clusters the first page of all is that of another; a slip in the first half is in no other.
    let shared: String = name.chars().take(name.chars().count() / 2).collect();
    let mut names = on_first_page(parent, shared).await;
    names.extend(on_first_page(parent, String::new()).await);
    names.retain(|other| other != name && is_slip(other, name));
    names.sort_unstable();
    names.dedup();
    names
}

/// The prefixes of the snapshots on the first page of what begins with `shared`.
async fn on_first_page(parent: &dyn Snapstore, shared: String) -> Vec<String> {
    let request = ListRequest {
        prefix: shared,
        ..ListRequest::default()
    };
    let Ok(page) = parent.list(&request).await else {
        return Vec::new();
    };
    let keys = page.objects.iter().map(|object| object.id.key.as_str());
    keys.filter_map(prefix_of).map(str::to_owned).collect()
}

/// The first part of the key of a snapshot.
fn prefix_of(key: &str) -> Option<&str> {
    let (prefix, below) = key.split_once('/')?;
    let (version, name) = below.split_once('/')?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let is_snapshot = matches!(version, "v1" | "v2") && SnapshotName::parse(name).is_ok();
    is_snapshot.then_some(prefix)
}

/// Clusters that are numbered are no slips of each other.
fn is_slip(other: &str, name: &str) -> bool {
    let without_digits = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    let are_numbered = [other, name].map(|name| name.ends_with(|c: char| c.is_ascii_digit()));
    if are_numbered == [true, true] && without_digits(other) == without_digits(name) {
        return false;
    }
    let distance = strsim::damerau_levenshtein(other, name);
    let is_short = distance <= SLIP && distance * 3 <= name.chars().count();
    is_short || other.starts_with(name) || name.starts_with(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_that_of_a_snapshot() {
        let key = "clu/v2/Full-00000000-00002724-1795338782.gz";
        assert_eq!(prefix_of(key), Some("clu"));
        for key in ["clu/v2/notes", "clu/Full-00000000-00002724-1795338782", "a"] {
            assert_eq!(prefix_of(key), None, "{key}");
        }
    }

    #[test]
    fn a_slip_is_a_letter_or_two_or_an_end_that_is_missing() {
        for (other, name) in [
            ("clu", "cl"),
            ("prod-1", "prod"),
            ("cluster", "clsuter"),
            ("etcd", "Etcd"),
        ] {
            assert!(is_slip(other, name), "{other} {name}");
        }
        for (other, name) in [("staging", "production"), ("prod-1", "prod-2"), ("a", "b")] {
            assert!(!is_slip(other, name), "{other} {name}");
        }
    }
}
