//! What is known of a snapshot goes with it, after it.

use snapstore::Snapstore;

use super::item::name_there;
use crate::backups::SnapshotName;
use crate::backups::metadata::{Metadata, ReadError, amend, read, write};

/// The metadata of a snapshot at the destination: names have no `.final` there, and all else is as it was.
pub(super) fn as_there(metadata: &Metadata, to: &SnapshotName) -> Metadata {
    let mut there = metadata.clone();
    there.snapshot = to.to_string();
    if let Some(previous) = &mut there.previous
        && let Ok(name) = SnapshotName::parse(&previous.snapshot)
        && name.is_final
    {
        previous.snapshot = name_there(&name).to_string();
    }
    there
}

/// Whether nothing has to be written: what is there says the same, and has the marks.
pub(super) fn is_there(wanted: &Metadata, found: Option<&Metadata>) -> bool {
    found.is_some_and(|found| {
        let is_marked = found.keep || !wanted.keep;
        let is_proven = found.proof.is_some() || wanted.proof.is_none();
        is_marked && is_proven && unmarked(found) == unmarked(wanted)
    })
}

/// Writes it. A mark is added to what is there, and none is taken back: it may have been set there.
///
/// Errors: `Taken` where the destination says something else of the snapshot.
pub(super) async fn describe(
    destination: &dyn Snapstore,
    wanted: &Metadata,
) -> Result<(), ReadError> {
    let taken = match write(destination, wanted).await {
        Err(taken @ ReadError::Taken(_)) => taken,
        done => return done,
    };
    match read(destination, &wanted.snapshot).await? {
        Some(found) if unmarked(&found) == unmarked(wanted) => {
            let marking = amend(destination, &wanted.snapshot, |found| {
                found.keep |= wanted.keep;
                found.proof = found.proof.take().or_else(|| wanted.proof.clone());
            });
            marking.await.map(drop)
        }
        _ => Err(taken),
    }
}

fn unmarked(metadata: &Metadata) -> Metadata {
    Metadata {
        keep: false,
        proof: None,
        ..metadata.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::metadata::Previous;
    use snapstore::memory::MemoryStore;

    const FINAL: &str = "Full-00000000-00000010-100.gz.final";

    fn metadata() -> Metadata {
        let mut metadata = Metadata::of(FINAL).unwrap();
        metadata.stored_sha256 = Some("ab".repeat(32));
        metadata.previous = Some(Previous {
            snapshot: "Full-00000000-00000008-90.final".to_owned(),
            stored_sha256: None,
        });
        metadata.unrecognized.insert("later".to_owned(), 7.into());
        as_there(&metadata, &name_there(&SnapshotName::parse(FINAL).unwrap()))
    }

    #[tokio::test]
    async fn names_lose_their_end_and_marks_are_added() {
        let store = MemoryStore::new();
        let wanted = metadata();
        assert_eq!(wanted.snapshot, "Full-00000000-00000010-100.gz");
        let previous = wanted.previous.as_ref().unwrap();
        assert_eq!(previous.snapshot, "Full-00000000-00000008-90");
        assert_eq!(wanted.unrecognized["later"], 7);
        describe(&store, &wanted).await.unwrap();
        let marked = Metadata {
            keep: true,
            ..wanted.clone()
        };
        for wanted in [&marked, &wanted] {
            describe(&store, wanted).await.unwrap();
            let found = read(&store, &wanted.snapshot).await.unwrap().unwrap();
            assert_eq!(found, marked, "a mark is never taken back");
            assert!(is_there(wanted, Some(&found)));
        }
        assert!(!is_there(&marked, Some(&wanted)) && !is_there(&wanted, None));
    }

    #[tokio::test]
    async fn other_metadata_stays_and_is_an_error() {
        let store = MemoryStore::new();
        let wanted = metadata();
        let other = Metadata {
            holds: Some(7),
            ..wanted.clone()
        };
        describe(&store, &other).await.unwrap();
        assert!(!is_there(&wanted, Some(&other)));
        let error = describe(&store, &wanted).await.unwrap_err();
        assert!(matches!(error, ReadError::Taken(_)), "{error}");
        let found = read(&store, &wanted.snapshot).await.unwrap();
        assert_eq!(found, Some(other));
    }
}
