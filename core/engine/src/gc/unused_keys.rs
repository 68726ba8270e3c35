//! Keys that no object needs.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use snapstore::{ListRequest, ObjectMeta, SnapstoreExt};

use super::orphans::Orphan;
use super::report::{Line, Outcome};
use crate::backups::Snapshot;
use crate::backups::encrypted_with::{EncryptedWith, encrypted_with, named_in_header};
use crate::backups::metadata::AllMetadata;
use crate::encryption::{KeyId, PLACE, id_of};
use crate::session::Session;

/// How old a key must be that nothing needs. Younger, what it is for may be on its way.
const OLD: SignedDuration = SignedDuration::from_hours(24);

/// The keys of a store, listed before its snapshots: a key that is needed is older than what needs it.
pub(super) async fn listed(session: &Session) -> snapstore::Result<Vec<ObjectMeta>> {
    session.store.list_all(ListRequest::under(PLACE)).await
}

/// Keys older than a day that none of the snapshots that were listed needs, whatever becomes of those now. Where it is not known of one
/// which it needs, all keys stay, and why is an error.
pub(super) async fn unused(
    session: &Session,
    listed: Vec<ObjectMeta>,
    (snapshots, all): (&[Snapshot], &AllMetadata),
    now: Timestamp,
) -> Result<Vec<Orphan>, String> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let said = snapshots
        .iter()
        .map(|one| (one, encrypted_with(session, one, all)));
    let needed = needed(said).await?;
    let is_unused = |object: &ObjectMeta, needed: &BTreeSet<KeyId>| {
        let written = object.modified;
        let written = written.and_then(|time| Timestamp::try_from(time).ok());
        let is_old = written.is_some_and(|written| now.duration_since(written) > OLD);
        let is_next = object.id.key.as_str().starts_with("keys/next/");
        is_old && id_of(&object.id.key).map_or(is_next, |id| !needed.contains(&id))
    };
    let unused = listed.into_iter().filter(|key| is_unused(key, &needed));
    let mut unused: Vec<_> = unused.collect();
    if unused.is_empty() {
        return Ok(Vec::new());
    }
    // Metadata may be wrong, and without its key nobody reads an object: what each says itself decides.
    let said = snapshots
        .iter()
        .map(|one| (one, named_in_header(session, one)));
    let needed = self::needed(said).await?;
    unused.retain(|key| is_unused(key, &needed));
    Ok(unused.into_iter().map(orphan).collect())
}

async fn needed<'a>(
    said: impl Iterator<Item = (&'a Snapshot, impl Future<Output = EncryptedWith>)>,
) -> Result<BTreeSet<KeyId>, String> {
    let mut needed = BTreeSet::new();
    for (snapshot, with) in said {
        match with.await {
            EncryptedWith::Nothing | EncryptedWith::Unnamed => {}
            EncryptedWith::Key(id) => drop(needed.insert(id)),
            EncryptedWith::Unknown(why) => {
                return Err(format!(
                    "no key was deleted: which one {} needs is not known: {why}",
                    snapshot.key()
                ));
            }
        }
    }
    Ok(needed)
}

fn orphan(object: ObjectMeta) -> Orphan {
    Orphan {
        line: Line {
            key: object.id.key.to_string(),
            bytes: object.size,
            outcome: Outcome::WouldDelete,
            marked: false,
            reason: "unused_key",
            why: "it is a key that no snapshot is encrypted with".to_owned(),
        },
        object: object.id,
    }
}
