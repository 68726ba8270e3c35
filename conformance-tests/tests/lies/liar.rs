//! A store that breaks one promise.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures::StreamExt;
use snapstore::clock::{Clock, SystemClock};
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, Original, PartReceipt, PutMode, PutOptions, Result, Snapstore,
    SnapstoreExt, Upload, UploadOptions,
};

/// Which promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// None: the memory store as it is.
    Honest,
    /// `CreateNew` looks first and writes then.
    CreateNewLooksFirst,
    /// `CreateNew` overwrites.
    CreateNewOverwrites,
    /// Objects lose their last byte.
    Truncates,
    /// A put writes a first half, then the whole.
    ShowsHalf,
    /// A range is not cut at the end but refused.
    RefusesLongRanges,
    /// A missing object is some failure.
    MissingIsUnexpected,
    /// Deleting what is not there fails.
    DeleteMissingFails,
    /// A prefix is taken for a directory.
    PrefixBySegment,
    /// Only the first page is shown.
    OnePage,
    /// A version is silently ignored.
    IgnoresVersions,
    /// Versions are claimed.
    ClaimsVersions,
    /// Uploads work although none are claimed.
    HidesUploads,
    /// Uploads overwrite.
    UploadsOverwrite,
    /// Who comes while a put is on its way has his bytes stored under both names.
    PutsShareABuffer,
    /// A last part as long as the others is taken for the end of the one before.
    LosesAFullLastPart,
    /// What is longer than 32 MiB ends there, and nobody says so.
    EndsLongBodies,
    /// A second completion of many parts misses what the first has removed.
    CompletesManyPartsOnce,
    /// An object of no bytes is refused.
    RefusesNothing,
    /// The first head of an object is all that is ever said of it.
    CachesHeads,
    /// A get does not say the etag that a head says.
    GetLeavesOutTheEtag,
    /// A listing is what was there at the one before.
    ListsWhatWas,
    /// Sizes stand in heads alone.
    ListsNoSizes,
    /// A prefix is asked for without the slash at its end.
    TrimsThePrefix,
    /// The token of a page is not looked at: every page is the first one.
    IgnoresTheToken,
    /// The last entry of each page is dropped, as one that was not understood.
    DropsAnEntry,
    /// Half of a page is shown, and it goes on after the whole of it.
    ShortensPages,
    /// The last entry of a page is shown twice.
    ListsTwice,
    /// Each third listing is a page of a proxy, taken for one without an entry.
    ListsNothingNowAndThen,
    /// Each third read brings a page of a proxy.
    ReadsAPageOfAProxy,
    /// All of an object comes, whatever was asked for.
    IgnoresRanges,
    /// A body comes byte by byte, one in each second.
    Trickles,
    /// A listing says another length than a head.
    ListsAnotherLength,
    /// A copy loses its last byte.
    CopiesLessThanAll,
    /// A copy overwrites.
    CopiesOverwrite,
    /// A copy replaces nothing, whatever was asked for.
    CopiesReplaceNothing,
    /// A copy is a second name for one object: gone with it.
    CopiesAreLinks,
    /// What is not there is copied as nothing.
    CopiesNothing,
    /// What stands under a name is copied, whatever it is.
    CopiesWhateverIsThere,
    /// Copies are made, and not claimed.
    HidesCopies,
}

#[derive(Debug)]
pub(crate) struct Liar {
    honest: MemoryStore,
    lie: Lie,
    claimed: Capabilities,
    looked: AtomicU32,
    buffer: Mutex<Bytes>,
    heads: Mutex<BTreeMap<Key, ObjectMeta>>,
    listed: Mutex<Option<ListPage>>,
    calls: AtomicU32,
    links: Mutex<Vec<(Key, Key)>>,
}

/// What a proxy says in the place of a store.
const PAGE: &[u8] = b"<html>maintenance</html>";

impl Liar {
    pub(crate) fn open(lie: Lie) -> Arc<dyn Snapstore> {
        let honest = MemoryStore::new();
        let mut claimed = honest.capabilities().clone();
        claimed.versions = lie == Lie::ClaimsVersions;
        claimed.uploads = claimed.uploads.filter(|_| lie != Lie::HidesUploads);
        claimed.service = claimed.service.filter(|_| lie != Lie::HidesCopies);
        Arc::new(Self {
            honest,
            lie,
            claimed,
            looked: AtomicU32::new(0),
            buffer: Mutex::default(),
            heads: Mutex::default(),
            listed: Mutex::default(),
            calls: AtomicU32::new(0),
            links: Mutex::default(),
        })
    }

    /// Waits until somebody else has looked and not written yet either. On a busy machine one writer
    /// was done before the next one began, and nothing was there to be caught.
    #[expect(
        clippy::disallowed_methods,
        reason = "no clock is asked: it waits for a thread"
    )]
    async fn another_looks(&self) {
        self.looked.fetch_add(1, Ordering::SeqCst);
        for _ in 0..100 {
            if self.looked.load(Ordering::SeqCst) > 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn id(&self, object: &ObjectId) -> ObjectId {
        let version = object.version.clone();
        ObjectId {
            version: version.filter(|_| self.lie != Lie::IgnoresVersions),
            ..object.clone()
        }
    }

    /// Whether this call is one that goes wrong now and then.
    fn is_third(&self, lie: Lie) -> bool {
        self.lie == lie && self.calls.fetch_add(1, Ordering::SeqCst) % 3 == 2
    }

    fn failure(&self, error: Error) -> Error {
        match (self.lie, error.kind()) {
            (Lie::MissingIsUnexpected, ErrorKind::NotFound) => {
                Error::new(ErrorKind::Unexpected, "get", "404")
            }
            _ => error,
        }
    }
}

#[async_trait]
impl Snapstore for Liar {
    fn location(&self) -> &Location {
        self.honest.location()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.claimed
    }

    async fn put(&self, key: &Key, mut data: Bytes, mut options: PutOptions) -> Result<ObjectMeta> {
        match self.lie {
            Lie::CreateNewLooksFirst if self.honest.head(&key.clone().into()).await.is_err() => {
                self.another_looks().await;
                options = PutOptions::overwrite();
            }
            Lie::CreateNewOverwrites => options = PutOptions::overwrite(),
            Lie::Truncates => data.truncate(data.len().saturating_sub(1)),
            Lie::ShowsHalf if data.len() > 100_000 => {
                let half = data.slice(..data.len() / 2);
                let half = self.honest.put(key, half, options).await?;
                tokio::task::yield_now().await;
                options = PutOptions::overwrite();
                drop(half);
            }
            Lie::RefusesNothing if data.is_empty() => {
                return Err(Error::new(ErrorKind::Unexpected, "put", "400").with_key(key));
            }
            Lie::PutsShareABuffer => {
                *self.buffer.lock().unwrap() = data;
                tokio::task::yield_now().await;
                data = self.buffer.lock().unwrap().clone();
            }
            _ => {}
        }
        self.honest.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, mut options: UploadOptions) -> Result<Box<dyn Upload>> {
        if self.lie == Lie::UploadsOverwrite {
            options.mode = PutMode::Overwrite;
        }
        let full = options.part_size.to_string();
        Ok(Box::new(LyingUpload {
            honest: self.honest.start_upload(key, options).await?,
            lie: self.lie,
            full,
            completed: AtomicBool::new(false),
        }))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let id = self.id(object);
        let head = self.honest.head(&id).await;
        let size = head.map_err(|error| self.failure(error))?.size;
        if self.lie == Lie::RefusesLongRanges && range.as_ref().is_some_and(|r| r.end > size) {
            return Err(Error::new(ErrorKind::Unexpected, "get", "416"));
        }
        let range = range.filter(|_| self.lie != Lie::IgnoresRanges);
        let mut download = self.honest.get(&id, range).await?;
        if self.is_third(Lie::ReadsAPageOfAProxy) {
            download.range = 0..PAGE.len() as u64;
            download.meta.size = download.range.end;
            let page = futures::stream::iter([Ok(Bytes::from_static(PAGE))]);
            download.body = Box::pin(page);
        }
        if self.lie == Lie::GetLeavesOutTheEtag {
            download.meta.etag = None;
        }
        if self.lie == Lie::Trickles {
            download.body = Box::pin(download.body.flat_map(trickling));
        }
        if self.lie == Lie::EndsLongBodies {
            // The store in memory gives out 64 KiB at a time.
            download.body = Box::pin(download.body.take(512));
        }
        Ok(download)
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        mut options: PutOptions,
    ) -> Result<Copied> {
        let mut original = original.clone();
        let from = original.object.id.key.clone();
        match self.lie {
            Lie::CopiesOverwrite => options = PutOptions::overwrite(),
            Lie::CopiesReplaceNothing => options = PutOptions::default(),
            Lie::CopiesWhateverIsThere => {
                original.object = self.honest.head(&original.object.id).await?;
            }
            Lie::CopiesNothing if self.honest.head(&original.object.id).await.is_err() => {
                self.honest.put(key, Bytes::new(), options.clone()).await?;
            }
            _ => {}
        }
        let copied = self.honest.copy_within(&original, key, options).await?;
        if self.lie == Lie::CopiesAreLinks {
            self.links.lock().unwrap().push((from, key.clone()));
        }
        if self.lie == Lie::CopiesLessThanAll {
            let id = ObjectId::from(key.clone());
            let held = self.honest.read(&id).await?;
            let less = held.slice(..held.len().saturating_sub(1));
            self.honest.put(key, less, PutOptions::overwrite()).await?;
        }
        Ok(copied)
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let head = self.honest.head(&self.id(object)).await;
        let head = head.map_err(|error| self.failure(error))?;
        if self.lie != Lie::CachesHeads {
            return Ok(head);
        }
        let mut heads = self.heads.lock().unwrap();
        Ok(heads.entry(object.key.clone()).or_insert(head).clone())
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let mut request = request.clone();
        if self.lie == Lie::PrefixBySegment {
            let directory = request.prefix.rfind('/').map_or(0, |slash| slash + 1);
            request.prefix.truncate(directory);
        }
        if self.lie == Lie::TrimsThePrefix {
            request.prefix = request.prefix.trim_end_matches('/').to_owned();
        }
        if self.lie == Lie::IgnoresVersions {
            request.versions = Default::default();
        }
        if self.lie == Lie::IgnoresTheToken {
            request.page = None;
        }
        if self.is_third(Lie::ListsNothingNowAndThen) {
            return Ok(ListPage::default());
        }
        let mut page = self.honest.list(&request).await?;
        match self.lie {
            Lie::DropsAnEntry => drop(page.objects.pop()),
            Lie::ShortensPages => page.objects.truncate(page.objects.len().div_ceil(2)),
            Lie::ListsTwice => page.objects.extend(page.objects.last().cloned()),
            Lie::ListsAnotherLength => page.objects.iter_mut().for_each(|one| one.size += 1),
            Lie::OnePage => page.next = None,
            Lie::ListsNoSizes => page.objects.iter_mut().for_each(|object| object.size = 0),
            Lie::ListsWhatWas => {
                let before = self.listed.lock().unwrap().replace(page.clone());
                page = before.unwrap_or(page);
            }
            _ => {}
        }
        Ok(page)
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        if self.lie == Lie::DeleteMissingFails {
            self.honest.head(object).await?;
        }
        let links = self.links.lock().unwrap().clone();
        for (_, link) in links.iter().filter(|(from, _)| *from == object.key) {
            self.honest.delete(&link.clone().into()).await?;
        }
        self.honest.delete(&self.id(object)).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.honest.sweep(idle_since).await
    }
}

fn trickling(piece: Result<Bytes>) -> impl futures::Stream<Item = Result<Bytes>> + Send {
    let piece = piece.unwrap();
    let bytes = (0..piece.len()).map(move |at| Ok(piece.slice(at..=at)));
    futures::stream::iter(bytes).then(async |byte| {
        SystemClock.sleep(Duration::from_secs(1)).await;
        byte
    })
}

/// An upload into the store in memory, whose receipts are the lengths of the parts.
struct LyingUpload {
    honest: Box<dyn Upload>,
    lie: Lie,
    /// The receipt of a part that is as long as a part may be.
    full: String,
    completed: AtomicBool,
}

impl fmt::Debug for LyingUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LyingUpload").field(&self.honest).finish()
    }
}

#[async_trait]
impl Upload for LyingUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        self.honest.part(number, data).await
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let again = self.completed.swap(true, Ordering::SeqCst);
        match (self.lie, parts) {
            (Lie::LosesAFullLastPart, [rest @ .., last])
                if !rest.is_empty() && last.token == self.full =>
            {
                self.honest.complete(rest).await
            }
            (Lie::CompletesManyPartsOnce, _) if again && parts.len() > 32 => {
                Err(Error::new(ErrorKind::NotFound, "complete", "404"))
            }
            _ => self.honest.complete(parts).await,
        }
    }

    async fn abort(&self) -> Result<()> {
        self.honest.abort().await
    }
}
