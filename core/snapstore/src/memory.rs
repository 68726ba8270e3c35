//! A store in memory: the contract in its plainest form, for tests and as a model for others.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use crate::{
    Capabilities, Copied, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, Original, PageToken, PartReceipt, PutMode, PutOptions, Result,
    SameContent, Snapstore, Upload, UploadLimits, UploadOptions,
};

/// Objects a page of a listing shows. Small, so that paging is exercised by small tests.
const PAGE: usize = 1000;

/// How a body is cut into pieces.
const PIECE: usize = 64 * 1024;

#[derive(Debug, Clone)]
struct Stored {
    data: Bytes,
    /// Counts writes: the store's clock and the content's tag at once.
    written: u64,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<Key, Stored>,
    writes: u64,
}

/// A [`Snapstore`] that forgets everything with the process. Clones share their objects.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    location: Location,
    capabilities: Capabilities,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        let state = Arc::<Mutex<State>>::default();
        Self {
            location: Location {
                scheme: "memory",
                bucket: "process".into(),
                prefix: String::new(),
            },
            capabilities: Capabilities {
                create_new: true,
                // Nothing lies between.
                checks_content: true,
                uploads: Some(UploadLimits {
                    part_size: 1..=u64::MAX,
                    max_parts: 10_000,
                }),
                // That of its clones alone.
                service: Some(format!("memory {:p}", Arc::as_ptr(&state))),
                ..Capabilities::default()
            },
            state,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves no half-made change behind: every change is one insert.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(
        &self,
        operation: &'static str,
        key: &Key,
        data: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let mut state = self.state();
        if mode == PutMode::CreateNew && state.objects.contains_key(key) {
            return Err(Error::new(ErrorKind::AlreadyExists, operation, "").with_key(key));
        }
        state.writes += 1;
        let stored = Stored {
            data,
            written: state.writes,
        };
        let meta = describe(key, &stored);
        state.objects.insert(key.clone(), stored);
        Ok(meta)
    }

    fn find(&self, operation: &'static str, object: &ObjectId) -> Result<Stored> {
        self.capabilities().check_version(operation, object)?;
        self.state()
            .objects
            .get(&object.key)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, operation, "").with_key(&object.key))
    }
}

fn describe(key: &Key, stored: &Stored) -> ObjectMeta {
    ObjectMeta {
        id: key.clone().into(),
        size: stored.data.len() as u64,
        modified: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(stored.written)),
        etag: Some(stored.written.to_string()),
        retain_until: None,
        excluded: false,
        delete_marker: false,
    }
}

#[async_trait]
impl Snapstore for MemoryStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.store("put", key, data, options.mode)
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        Ok(Box::new(MemoryUpload {
            store: self.clone(),
            key: key.clone(),
            options,
            progress: Mutex::default(),
        }))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let stored = self.find("get", object)?;
        let meta = describe(&object.key, &stored);
        let range = range.unwrap_or(0..meta.size);
        let end = range.end.min(meta.size);
        let start = range.start.min(end);
        let body = stored.data.slice(start as usize..end as usize);
        let pieces: Vec<_> = (0..body.len())
            .step_by(PIECE)
            .map(|at| Ok(body.slice(at..body.len().min(at + PIECE))))
            .collect();
        Ok(Download {
            meta,
            range: start..end,
            body: Box::pin(futures::stream::iter(pieces)),
        })
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let id = &original.object.id;
        let stored = self.find("copy", id)?;
        if describe(&id.key, &stored).etag != original.object.etag {
            let message = "the original was written anew";
            return Err(Error::new(ErrorKind::Unexpected, "copy", message).with_key(key));
        }
        Ok(Copied {
            meta: self.store("copy", key, stored.data, options.mode)?,
            content: SameContent::ByChecksum,
        })
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        Ok(describe(&object.key, &self.find("head", object)?))
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.capabilities().check_listing(request)?;
        let after = request.page.as_ref().map_or("", |page| page.0.as_str());
        let state = self.state();
        let mut matching = state
            .objects
            .iter()
            .filter(|(key, _)| key.as_str().starts_with(&request.prefix) && key.as_str() > after);
        let objects: Vec<_> = matching
            .by_ref()
            .take(PAGE)
            .map(|(key, stored)| describe(key, stored))
            .collect();
        let more = matching.next().is_some();
        let next = objects
            .last()
            .filter(|_| more)
            .map(|last| PageToken(last.id.key.as_str().to_owned()));
        Ok(ListPage { objects, next })
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.capabilities().check_version("delete", object)?;
        self.state().objects.remove(&object.key);
        Ok(())
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        // What an upload holds goes with its handle.
        let _ = idle_since;
        Ok(0)
    }
}

#[derive(Debug)]
struct MemoryUpload {
    store: MemoryStore,
    key: Key,
    options: UploadOptions,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    parts: BTreeMap<u32, Bytes>,
    /// Set by the first completion, so that a repeated one gives the same answer.
    finished: Option<ObjectMeta>,
}

impl MemoryUpload {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Upload for MemoryUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let token = data.len().to_string();
        self.progress().parts.insert(number, data);
        Ok(PartReceipt { number, token })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let mut progress = self.progress();
        if let Some(meta) = &progress.finished {
            return Ok(meta.clone());
        }
        let stored = |receipt: &PartReceipt| progress.parts.get(&receipt.number);
        let pieces =
            PartReceipt::in_order(parts, stored).map_err(|error| error.about(&self.key))?;
        let mut whole = BytesMut::new();
        for piece in pieces {
            whole.extend_from_slice(piece);
        }
        let meta = self
            .store
            .store("complete", &self.key, whole.freeze(), self.options.mode)?;
        progress.finished = Some(meta.clone());
        Ok(meta)
    }

    async fn abort(&self) -> Result<()> {
        self.progress().parts.clear();
        Ok(())
    }
}
