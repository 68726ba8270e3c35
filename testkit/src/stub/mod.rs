//! STUBS of Google Cloud Storage and Azure Blob Storage, for the promises that no emulator keeps:
//! retention that is reported and enforced, and a name that is taken while an upload is completed.
//!
//! They answer as the providers' API references say, from memory, to whoever asks: no signature and
//! no token is looked at. A store that passes on a stub is shown to read these answers right, and
//! not that a provider gives them. A target on a stub has STUB in its name.

mod azure;
mod azure_call;
mod azure_list;
mod azure_refusal;
mod gcs;
mod gcs_call;
mod gcs_refusal;
mod gcs_resource;
mod gcs_upload;
mod reply;
mod shelf;

use std::io;
use std::time::Duration;

use bytes::Bytes;

use crate::loopback::{Handler, Loopback};
use shelf::{Shared, lock};

/// A stub that runs until it is dropped. Every bucket is there, and they are all the same one.
#[derive(Debug)]
pub struct Stub {
    url: String,
    shelf: Shared,
    _serving: Loopback,
}

impl Stub {
    /// The JSON API of Google Cloud Storage, version 1. [`Stub::url`] is its endpoint.
    pub fn gcs() -> io::Result<Self> {
        Self::serve(gcs::Gcs, "")
    }

    /// The REST API of Azure Blob Storage. [`Stub::url`] names the account `devstoreaccount1`.
    pub fn azure() -> io::Result<Self> {
        Self::serve(azure::Azure, "/devstoreaccount1")
    }

    fn serve<H: Handler>(handler: impl FnOnce(Shared) -> H, path: &str) -> io::Result<Self> {
        let shelf = Shared::default();
        let serving = Loopback::serve(Loopback::ANYWHERE, None, |_| handler(shelf.clone()))?;
        Ok(Self {
            url: format!("http://{}{path}", serving.address()),
            shelf,
            _serving: serving,
        })
    }

    /// Where clients find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets a retention policy: no object may be deleted or overwritten for so long after it was
    /// written.
    pub fn retain(&self, period: Duration) {
        lock(&self.shelf).retention = Some(period);
    }

    /// All that was written so far becomes so much older.
    pub fn age(&self, by: Duration) {
        lock(&self.shelf).age(by);
    }

    /// When the next write to `name` is about to be done, somebody else has just put `data` there.
    pub fn forestall(&self, name: &str, data: impl Into<Bytes>) {
        let rivals = &mut lock(&self.shelf).rivals;
        rivals.insert(name.to_owned(), data.into());
    }
}
