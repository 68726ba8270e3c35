use super::catalogue::Catalogue;
use super::empty_store::EmptyStore;
use super::error::{Error, Result};
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

/// Lists the store, in which there must be something.
pub(crate) async fn read_some(session: &Session) -> Result<Catalogue> {
    let catalogue = read_catalogue(session).await?;
    match catalogue.snapshots.is_empty() {
        false => Ok(catalogue),
        true => Err(Error::EmptyStore(
            EmptyStore::look(session, &catalogue).await?,
        )),
    }
}
