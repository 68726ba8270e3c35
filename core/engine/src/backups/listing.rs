use super::branches::Holdings;
use super::catalogue::Catalogue;
use super::empty_store::EmptyStore;
use super::error::{Error, Result};
use super::metadata::{open_all, read_all};
use crate::error::Error as System;
use crate::session::Session;

/// Lists the store.
pub async fn read_catalogue(session: &Session) -> Result<Catalogue> {
    let listing = session
        .cancel
        .run_until_cancelled(Catalogue::read(&*session.store))
        .await;
    let location = || session.store.location().to_string();
    let listed = listing.ok_or(System::Interrupted)?;
    listed.map_err(|source| Error::Store {
        location: location(),
        source,
    })
}

/// Lists the store, and sorts out what belongs to which lineage. The snapshots come before their metadata: what is
/// written in between has metadata that is not used.
///
/// Errors: `Metadata` where it cannot be listed or read. A restore that took that for none would choose by names alone
/// among histories that metadata tells apart. One document that is none leaves its snapshot without a place.
pub async fn read_holdings(session: &Session) -> Result<Holdings> {
    let listed = read_catalogue(session).await?;
    if listed.snapshots.is_empty() {
        return Ok(Holdings {
            listed,
            ..Holdings::default()
        });
    }
    let reading = session
        .cancel
        .run_until_cancelled(read_all(&*session.store));
    let unread = |source| Error::Metadata {
        location: session.store.location().to_string(),
        source,
    };
    let read = reading.await.ok_or(System::Interrupted)?;
    let mut all = read.map_err(unread)?;
    let opening = open_all(&mut all, &*session.store, &session.keys);
    let opened = session.cancel.run_until_cancelled(opening).await;
    let opened = opened.ok_or(System::Interrupted)?;
    opened.map_err(|source| unread(source.into()))?;
    Ok(Holdings::of(listed, &all))
}

/// The same of a store in which there must be something.
pub(crate) async fn read_some(session: &Session) -> Result<Holdings> {
    let holdings = read_holdings(session).await?;
    match holdings.listed.snapshots.is_empty() {
        false => Ok(holdings),
        true => Err(Error::EmptyStore(
            EmptyStore::look(session, &holdings.listed).await?,
        )),
    }
}
