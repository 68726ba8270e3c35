//! Which keys there are, and which objects need them.

use std::collections::BTreeMap;

use futures::StreamExt;
use snapstore::{ListRequest, SnapstoreExt};

use super::error::{Error, Result};
use crate::backups::encrypted_with::{EncryptedWith, named_in_header};
use crate::backups::{Catalogue, Snapshot, read_catalogue};
use crate::encryption::{KeyError, KeyId, PLACE, id_of};
use crate::session::Session;

/// How many headers are read at once.
const AT_ONCE: usize = 16;

/// What a store holds, as far as keys are concerned.
pub(super) struct Used {
    /// The keys that are there.
    pub(super) there: Vec<KeyId>,
    /// What needs each, in the order of the catalogue. It may name keys that are not there.
    pub(super) by_key: BTreeMap<KeyId, Vec<Snapshot>>,
    /// What is encrypted with a key that is not known, and why.
    pub(super) unknown: Vec<(Snapshot, String)>,
    /// What is encrypted by another program, for somebody.
    pub(super) unnamed: Vec<Snapshot>,
    pub(super) plain: usize,
}

pub(super) fn location(session: &Session) -> String {
    session.store.location().to_string()
}

/// The keys before the objects: what is written in between has a key that is not missed.
pub(super) async fn used(session: &Session) -> Result<Used> {
    let catalogue = read_catalogue(session).await?;
    let work = session.cancel.run_until_cancelled(read(session, catalogue));
    work.await.ok_or(Error::Interrupted)?
}

async fn read(session: &Session, catalogue: Catalogue) -> Result<Used> {
    let store = &*session.store;
    let listed = store.list_all(ListRequest::under(PLACE)).await;
    let listed = listed.map_err(|source| Error::Keys {
        location: location(session),
        source: KeyError::Store(source),
    })?;
    let mut used = Used {
        there: listed.iter().filter_map(|one| id_of(&one.id.key)).collect(),
        by_key: BTreeMap::new(),
        unknown: Vec::new(),
        unnamed: Vec::new(),
        plain: 0,
    };
    // What metadata says may be wrong, and would show here last of all.
    let asked = catalogue.snapshots.into_iter().map(|snapshot| async move {
        let with = named_in_header(session, &snapshot).await;
        (snapshot, with)
    });
    let mut asked = futures::stream::iter(asked).buffered(AT_ONCE);
    while let Some((snapshot, with)) = asked.next().await {
        match with {
            EncryptedWith::Nothing => used.plain += 1,
            EncryptedWith::Key(id) => used.by_key.entry(id).or_default().push(snapshot),
            EncryptedWith::Unnamed => used.unnamed.push(snapshot),
            EncryptedWith::Unknown(why) => used.unknown.push((snapshot, why)),
        }
    }
    Ok(used)
}
