//! Uploads that nobody ended, of providers that list them: nobody sees them, and everybody pays for them.

use std::time::SystemTime;

use snapstore::{Pages, Result, printable};

use crate::Keyspace;
use crate::http::odd;

const NOWHERE: &str = "there is more, and it does not say where";

/// An upload that was begun, as a listing says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The provider's name of the object that it would become.
    pub name: String,
    /// Which of those of this name.
    pub id: String,
    /// When it was begun; none where that cannot be read.
    pub began: Option<SystemTime>,
}

/// One page of them.
#[derive(Debug)]
pub struct UnfinishedPage {
    /// Those that it names.
    pub uploads: Vec<Unfinished>,
    /// Whether others follow, and after which.
    pub more: More<UploadMarker>,
}

/// One page of the parts that an upload has.
#[derive(Debug)]
pub struct PartsPage {
    /// When each of them was written; none where that cannot be read.
    pub written: Vec<Option<SystemTime>>,
    /// Whether others follow, and after which.
    pub more: More<String>,
}

/// How a listing goes on.
#[derive(Debug)]
pub enum More<Marker> {
    /// This was the last page.
    No,
    /// There is another, after this marker if the provider named one.
    After(Option<Marker>),
}

/// Where a listing of uploads goes on.
#[derive(Debug, Clone)]
pub struct UploadMarker {
    /// The name of the last upload before it.
    pub name: String,
    /// Its id, which some providers leave out.
    pub id: Option<String>,
}

/// What a provider is asked for.
pub trait Uploads: Sync {
    /// The uploads whose names begin with `under`, after `marker`.
    fn uploads(
        &self,
        under: &str,
        marker: Option<UploadMarker>,
    ) -> impl Future<Output = Result<UnfinishedPage>> + Send;

    /// The parts of one, after `marker`; none if somebody has ended it.
    fn parts(
        &self,
        upload: &Unfinished,
        marker: Option<String>,
    ) -> impl Future<Output = Result<Option<PartsPage>>> + Send;

    /// Ends one. False if somebody else has.
    fn abort(&self, upload: &Unfinished) -> impl Future<Output = Result<bool>> + Send;
}

/// Aborts the uploads in `keys` to which nothing has come since `idle_since`. How many.
///
/// Errors: those of the provider, and `Unexpected` for a listing that cannot be right.
pub async fn sweep(
    keys: &Keyspace,
    provider: &impl Uploads,
    idle_since: SystemTime,
) -> Result<u64> {
    let under = keys.under("");
    let mut swept = 0;
    let mut after = None;
    let mut pages = Pages::new("sweep");
    loop {
        let page = provider.uploads(&under, after).await?;
        for upload in &page.uploads {
            let began = upload.began.ok_or_else(|| unreadable(upload))?;
            // A listing matches what begins alike, an upload of another's too.
            let ours = keys.entry("sweep", &under, &upload.name)?.is_some();
            if ours && began < idle_since && is_dead(provider, upload, idle_since).await? {
                swept += u64::from(provider.abort(upload).await?);
            }
        }
        let marker = match page.more {
            More::No => return Ok(swept),
            More::After(marker) => marker.ok_or_else(|| odd("sweep", NOWHERE))?,
        };
        let id = marker.id.as_deref().unwrap_or_default();
        pages.page(Some(&format!("{}\n{id}", marker.name)), None)?;
        after = Some(marker);
    }
}

/// No part came since: a slow upload of a large object may be older than any reasonable age and still alive.
async fn is_dead(
    provider: &impl Uploads,
    upload: &Unfinished,
    idle_since: SystemTime,
) -> Result<bool> {
    let mut after = None;
    let mut pages = Pages::new("sweep");
    loop {
        let Some(page) = provider.parts(upload, after).await? else {
            return Ok(false);
        };
        let is_idle = |written: &Option<SystemTime>| written.is_some_and(|time| time < idle_since);
        if !page.written.iter().all(is_idle) {
            return Ok(false);
        }
        let marker = match page.more {
            More::No => return Ok(true),
            More::After(marker) => marker.ok_or_else(|| odd("sweep", NOWHERE))?,
        };
        pages.page(Some(&marker), None)?;
        after = Some(marker);
    }
}

fn unreadable(upload: &Unfinished) -> snapstore::Error {
    let name = printable(&upload.name);
    odd(
        "sweep",
        format!("the upload of \"{name}\" has no time that can be read"),
    )
}
