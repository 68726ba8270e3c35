//! What one of the two stores holds.

use super::error::{Error, Result};
use crate::backups::branches::Holdings;
use crate::backups::metadata::{AllMetadata, read_all};
use crate::backups::{self, EmptyStore, read_catalogue};
use crate::session::Session;

/// The snapshots of a store, and all that is known of them.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) holdings: Holdings,
    pub(super) all: AllMetadata,
}

impl Contents {
    /// The snapshots come before their metadata: what is written in between has metadata that is not used.
    pub(super) async fn read(session: &Session) -> backups::Result<Self> {
        let listed = read_catalogue(session).await?;
        let reading = session
            .cancel
            .run_until_cancelled(read_all(&*session.store));
        let read = reading.await.ok_or(crate::error::Error::Interrupted)?;
        let all = read.map_err(|source| backups::Error::Metadata {
            location: session.store.location().to_string(),
            source,
        })?;
        Ok(Self {
            holdings: Holdings::of(listed, &all),
            all,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.holdings.listed.snapshots.is_empty()
    }

    /// What metadata says the SHA-256 of an object to be, in hexadecimal.
    pub(super) fn sum_of(&self, name: &str) -> Option<&str> {
        self.all.by_snapshot.get(name)?.stored_sha256.as_deref()
    }
}

/// A cluster that has no backups yet has nothing to copy; a place that is not there, or is beside the backups, is a mistake
/// that would look the same for ever.
pub(super) async fn nothing_there(source: &Session, contents: &Contents) -> Result<String> {
    let looking = EmptyStore::look(source, &contents.holdings.listed).await;
    let place = looking.map_err(|error| Error::Source(error.into()))?;
    match place.is_missing || place.elsewhere.is_some() {
        true => Err(Error::Source(backups::Error::EmptyStore(place))),
        false => Ok(place.to_string()),
    }
}
