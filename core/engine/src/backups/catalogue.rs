use std::sync::Arc;
use std::time::SystemTime;

use snapstore::{Key, ListRequest, ObjectId, ObjectMeta, Snapstore, SnapstoreExt};

use super::name::{Kind, SnapshotName};
use super::noted::Noted;

/// Where the snapshots of today's layout stand: `<prefix>/v2/<name>`.
const V2: &str = "v2/";
/// The layout before it: `<prefix>/v1/Backup-<unix>/<name>`. Read, never written.
const V1: &str = "v1/";

/// Seconds by which the clocks of two members may differ.
pub(crate) const CLOCK_SKEW: i64 = 60;

/// A snapshot in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What its name says.
    pub name: SnapshotName,
    /// Where it is.
    pub id: ObjectId,
    /// Its length in the store, in bytes, compressed.
    pub size: u64,
    /// When the store says it was written.
    pub modified: Option<SystemTime>,
    /// The store's tag of its content, if the listing tells one.
    pub etag: Option<String>,
    /// The store refuses to delete it before this time.
    pub retain_until: Option<SystemTime>,
    /// What its metadata says of its bytes; `None` where there is none, or where it was not read.
    pub noted: Option<Arc<Noted>>,
}

impl Snapshot {
    /// Its key, for messages.
    pub fn key(&self) -> &Key {
        &self.id.key
    }
}

/// An object that looks like it belongs here and is no snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Where it is.
    pub key: Key,
    /// Why it was left out.
    pub reason: String,
}

/// Every snapshot of a store, in the order of their revisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Sorted by last revision, fulls before deltas, then by time.
    pub snapshots: Vec<Snapshot>,
    /// What else was found.
    pub ignored: Vec<Ignored>,
}

impl Catalogue {
    /// Lists a store. Both prefixes end in `/`: the backups of a sibling cluster, whose prefix
    /// begins with ours, never mix in.
    pub async fn read(store: &dyn Snapstore) -> snapstore::Result<Self> {
        // Side by side: a far store takes one round trip for both.
        let (new, old) = futures::try_join!(
            store.list_all(ListRequest::under(V2)),
            store.list_all(ListRequest::under(V1))
        )?;
        Ok(Self::of(new.into_iter().chain(old)))
    }

    /// Sorts out a listing.
    pub fn of(objects: impl IntoIterator<Item = ObjectMeta>) -> Self {
        let mut catalogue = Self::default();
        for object in objects {
            catalogue.add(object);
        }
        catalogue.snapshots.sort_by(|a, b| order(a).cmp(&order(b)));
        catalogue.ignored.sort_by(|a, b| a.key.cmp(&b.key));
        catalogue
    }

    fn add(&mut self, object: ObjectMeta) {
        if object.excluded || object.delete_marker {
            return;
        }
        let key = object.id.key.clone();
        let mut ignore = |reason: String| {
            self.ignored.push(Ignored {
                key: key.clone(),
                reason,
            })
        };
        if is_upload_chunk(key.as_str()) {
            return ignore("it is a piece of an upload".into());
        }
        if !is_place(key.as_str()) {
            return ignore("snapshots stand in v2/ and v1/Backup-*/, not below".into());
        }
        match SnapshotName::parse(key.file_name()) {
            Ok(name) => self.snapshots.push(Snapshot {
                name,
                id: object.id,
                size: object.size,
                modified: object.modified,
                etag: object.etag,
                retain_until: object.retain_until,
                noted: None,
            }),
            Err(why) => ignore(why.to_string()),
        }
    }

    /// The snapshot with that name; the whole key or its last segment.
    pub fn find(&self, name: &str) -> Option<&Snapshot> {
        let wanted = |snapshot: &&Snapshot| {
            snapshot.key().as_str() == name || snapshot.key().file_name() == name
        };
        self.snapshots.iter().find(wanted)
    }

    /// Fulls written clearly later than the object of the highest revisions, with lower ones. Revisions only
    /// grow: another history has written them, after a restore to an older state, say, or a machine whose
    /// clock was ahead.
    pub fn written_later(&self) -> Vec<&Snapshot> {
        let Some(newest) = self.snapshots.last() else {
            return Vec::new();
        };
        let later = |full: &&Snapshot| {
            full.name.last < newest.name.last
                && full.name.created > newest.name.created.saturating_add(CLOCK_SKEW)
        };
        self.fulls().filter(later).collect()
    }

    /// What to tell about [`written_later`](Self::written_later).
    pub fn second_history(&self) -> Option<String> {
        let newest = self.snapshots.last()?;
        let later = self.written_later().into_iter();
        let full = later.max_by_key(|full| full.name.created)?;
        Some(format!(
            "{} was written later than {}, but its revisions are lower: the clock of a machine was ahead, \
             or the store holds two histories, as after a restore to an older state; what leads to the \
             highest revision is taken, and the other is that of {}",
            full.key(),
            newest.key(),
            full.key().file_name()
        ))
    }

    /// The fulls, oldest revision first.
    pub fn fulls(&self) -> impl DoubleEndedIterator<Item = &Snapshot> {
        self.snapshots
            .iter()
            .filter(|snapshot| snapshot.name.kind == Kind::Full)
    }

    /// The deltas, by last revision.
    pub fn deltas(&self) -> impl DoubleEndedIterator<Item = &Snapshot> {
        self.snapshots
            .iter()
            .filter(|snapshot| snapshot.name.kind == Kind::Delta)
    }
}

fn order(snapshot: &Snapshot) -> (i64, Kind, i64, &Key) {
    let name = &snapshot.name;
    (name.last, name.kind, name.created, snapshot.key())
}

/// Whether a snapshot may stand there. What a file server keeps of earlier states (`v2/.snapshot/`)
/// and what an operator has put aside (`v2/old/`) bear the names of snapshots, and are none.
fn is_place(key: &str) -> bool {
    let mut segments = key.split('/');
    match segments.next() {
        Some("v2") => segments.count() == 1,
        Some("v1") => {
            let backup = segments.next().unwrap_or_default();
            backup.starts_with("Backup-") && segments.count() == 1
        }
        _ => false,
    }
}

/// The reference uploads to GCS and Swift in pieces named `<snapshot>/0000000001`.
fn is_upload_chunk(key: &str) -> bool {
    let mut segments = key.rsplit('/');
    let last = segments.next().unwrap_or_default();
    let before = segments.next().unwrap_or_default();
    last.len() == 10
        && last.bytes().all(|byte| byte.is_ascii_digit())
        && SnapshotName::parse(before).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore::memory::MemoryStore;
    use snapstore::{Bytes, PutOptions};

    const KEYS: [&str; 7] = [
        "v2/Incr-00000011-00000020-3.gz",
        "v2/Full-00000000-00000010-2.gz",
        "v2/Full-00000000-00000010-2.gz/0000000001",
        "v1/Backup-1/Full-00000000-00000005-1",
        "v2/notes.txt",
        "other/Full-00000000-00000099-9",
        "v22/Full-00000000-00000099-9",
    ];

    #[tokio::test]
    async fn both_layouts_are_read_and_unrecognized_objects_are_named() {
        let store = MemoryStore::new();
        for key in KEYS {
            let key = Key::new(key).unwrap();
            store
                .put(&key, Bytes::from_static(b"x"), PutOptions::default())
                .await
                .unwrap();
        }
        let catalogue = Catalogue::read(&store).await.unwrap();
        let found: Vec<_> = catalogue
            .snapshots
            .iter()
            .map(|s| s.key().as_str())
            .collect();
        assert_eq!(found, [KEYS[3], KEYS[1], KEYS[0]]);
        let ignored: Vec<_> = catalogue.ignored.iter().map(|i| i.key.as_str()).collect();
        assert_eq!(ignored, [KEYS[2], KEYS[4]]);
    }

    /// Deltas that an operator had removed were restored all the same, from the directory in which
    /// the file server keeps what was there an hour ago: the last segment of a key decided.
    #[tokio::test]
    async fn what_stands_deeper_than_a_snapshot_is_none() {
        let store = MemoryStore::new();
        let deeper = [
            "v1/Backup-1/.snapshot/Full-00000000-00000005-1",
            "v1/Full-00000000-00000005-1",
            "v1/kept/Full-00000000-00000005-1",
            "v2/.snapshot/hourly.0/Incr-00000011-00000020-3.gz",
            "v2/old/Full-00000000-00000010-2.gz",
        ];
        for key in deeper.into_iter().chain([KEYS[1], KEYS[3]]) {
            let key = Key::new(key).unwrap();
            let put = store.put(&key, Bytes::new(), PutOptions::default());
            put.await.unwrap();
        }
        let catalogue = Catalogue::read(&store).await.unwrap();
        let found = catalogue.snapshots.iter().map(|s| s.key().as_str());
        assert_eq!(Vec::from_iter(found), [KEYS[3], KEYS[1]]);
        let ignored = catalogue.ignored.iter().map(|i| i.key.as_str());
        assert_eq!(Vec::from_iter(ignored), deeper);
    }

    #[test]
    fn a_later_full_with_lower_revisions_is_another_history() {
        use crate::backups::chain_tests::catalogue;
        let usual = ["Full-00000000-00000010-1000", "Incr-00000011-00000020-2000"];
        assert_eq!(catalogue(&usual).second_history(), None);
        let skewed = [usual[0], usual[1], "Full-00000000-00000019-2030"];
        assert_eq!(catalogue(&skewed).second_history(), None);
        let forked = [usual[0], usual[1], "Full-00000000-00000015-3000"];
        let warning = catalogue(&forked).second_history().unwrap();
        assert!(
            warning.contains("the other is that of Full-00000000-00000015-3000"),
            "{warning}"
        );
    }

    /// The reference looks for "v1/" anywhere in the key, so every snapshot of a cluster whose
    /// prefix was `prod-v1/etcd` was unreadable. Here keys are relative to the prefix.
    #[tokio::test]
    async fn a_snapshot_is_found_by_name_or_key() {
        let store = MemoryStore::new();
        let key = Key::new(KEYS[1]).unwrap();
        store
            .put(&key, Bytes::new(), PutOptions::default())
            .await
            .unwrap();
        let catalogue = Catalogue::read(&store).await.unwrap();
        assert!(catalogue.find("Full-00000000-00000010-2.gz").is_some());
        assert!(catalogue.find(KEYS[1]).is_some());
        assert!(catalogue.find("Full").is_none());
    }
}
