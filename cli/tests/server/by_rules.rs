//! etcd-backup-restore by its rules (docs/compatibility.md; its `pkg/snapstore` and `pkg/snapshot/snapshotter`), where its
//! own program would be needed and cannot be had: what it takes for a snapshot, and what it collects. Shares no code with
//! what is tested.

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use testkit::backup::{Compression, DeltaWriter, Written, compress, name};
use testkit::etcd::{Etcd, Watched};

use crate::support::{Site, contents};

/// What it makes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) key: PathBuf,
    pub(crate) is_full: bool,
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Seconds since 1970.
    pub(crate) created: i64,
}

/// All that it lists, in its order: by revision, then by time.
pub(crate) fn listed(site: &Site) -> Vec<Listed> {
    let store = site.store();
    let files = contents(&store).into_keys().filter(|path| path.is_file());
    let keys = files.map(|path| path.strip_prefix(&store).unwrap().to_owned());
    let mut listed: Vec<Listed> = keys.filter_map(parsed).collect();
    listed.sort_by_key(|one| (one.last, one.created));
    listed
}

/// Keys in which `v1` or `v2` stands are parsed from the last `v1/` on, or else from the last `v2/`; the rest is four words
/// between hyphens.
fn parsed(key: PathBuf) -> Option<Listed> {
    let text = key.to_str().unwrap();
    let (_, rest) = text
        .rsplit_once("v1/")
        .or_else(|| text.rsplit_once("v2/"))?;
    let [kind, first, last, end] = rest.split('-').collect::<Vec<_>>()[..] else {
        return None;
    };
    let is_full = match kind {
        "Full" => true,
        "Incr" => false,
        _ => return None,
    };
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    let created = end.split('.').next()?.parse().ok()?;
    (first <= last).then_some(Listed {
        key,
        is_full,
        first,
        last,
        created,
    })
}

/// A collection by the policy `LimitBased` that keeps least: one full, and no delta of an older one. The newest full and what
/// follows it are touched by no policy. Metadata, of which it does not know, stays.
pub(crate) fn collect(site: &Site) -> usize {
    let mut listed = listed(site);
    let newest = listed.iter().rposition(|one| one.is_full).unwrap();
    listed.truncate(newest);
    for one in &listed {
        fs::remove_file(site.store().join(&one.key)).unwrap();
    }
    listed.len()
}

/// The delta that it takes when it starts: from the revision after the newest object to the present. Its revision.
pub(crate) fn take_delta(site: &Site, live: &Etcd) -> i64 {
    let newest = listed(site).pop().unwrap();
    let (first, last) = (newest.last + 1, live.revision().unwrap());
    let Watched::Events(events) = live.watch(first, last).unwrap() else {
        unreachable!("{first} is compacted")
    };
    let created = newest.created + 1;
    let mut delta = DeltaWriter::new(Vec::new());
    for event in &events {
        let kv = &event.kv;
        let written = Written {
            key: &kv.key.0,
            value: Some(&kv.value.0),
            create_revision: kv.create_revision.signed(),
            mod_revision: kv.mod_revision.signed(),
            version: kv.version.signed(),
            lease: kv.lease.signed(),
            time: Timestamp::from_second(created).unwrap(),
        };
        delta.event(&written).unwrap();
    }
    let object = name::delta(first..=last, created, Compression::Gzip);
    let content = delta.finish().unwrap();
    site.put(&object, compress(Compression::Gzip, &content));
    last
}

/// Names that are no snapshots, and such as only look like none.
#[test]
fn its_rules_take_names_as_it_does() {
    let is_taken = |key: &str| parsed(PathBuf::from(key)).is_some();
    for key in [
        "v2/Full-00000000-00000020-1795338782.gz",
        "v2/Full-00000000-00000020-1795338782.gz.final",
        "v2/Incr-00000021-00000040-1795338786",
        "ns--uid/etcd-main/v2/Incr-00000021-00000040-1795338786.Z",
    ] {
        assert!(is_taken(key), "{key}");
    }
    for key in [
        "meta/Full-00000000-00000020-1795338782.gz.json",
        "prod-v2/meta/Full-00000000-00000020-1795338782.gz.json",
        "v2/Incr-00000041-00000040-1795338786",
        "v2/Part-00000021-00000040-1795338786",
    ] {
        assert!(!is_taken(key), "{key}");
    }
}
