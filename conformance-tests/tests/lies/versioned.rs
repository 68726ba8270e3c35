//! A store that keeps versions, in memory, and pages through them rightly or wrongly.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures::StreamExt;
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PageToken, PutMode, PutOptions, Result, Snapstore, Upload, UploadOptions,
    VersionId, Versions,
};

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// After the last version that was shown.
    ByVersion,
    /// With the name that was shown last, all versions of which are shown again.
    ByName,
}

const PAGE: usize = 1000;

/// Of a key, and of one version of it. `None` is a delete marker.
type Kept = BTreeMap<(Key, u64), Option<Bytes>>;

#[derive(Debug)]
pub(crate) struct Versioned {
    kept: Mutex<Kept>,
    writes: AtomicU64,
    paging: Paging,
    capabilities: Capabilities,
    location: Location,
}

impl Versioned {
    pub(crate) fn open(paging: Paging) -> Arc<dyn Snapstore> {
        let plain = MemoryStore::new();
        let mut capabilities = plain.capabilities().clone();
        capabilities.versions = true;
        capabilities.uploads = None;
        capabilities.service = None;
        Arc::new(Self {
            kept: Mutex::default(),
            writes: AtomicU64::new(0),
            paging,
            capabilities,
            location: plain.location().clone(),
        })
    }

    fn write(&self, kept: &mut Kept, key: &Key, data: Option<Bytes>) -> ObjectMeta {
        let version = self.writes.fetch_add(1, Ordering::SeqCst);
        let meta = described(key, version, data.as_ref());
        kept.insert((key.clone(), version), data);
        meta
    }
}

fn find(kept: &Kept, object: &ObjectId) -> Result<(ObjectMeta, Bytes)> {
    let versions = kept.range((object.key.clone(), 0)..=(object.key.clone(), u64::MAX));
    let wanted = object.version.as_ref().map(|version| &version.0);
    let found = versions
        .rev()
        .find(|((_, version), _)| wanted.is_none_or(|wanted| *wanted == version.to_string()));
    match found {
        Some(((key, version), Some(data))) => {
            Ok((described(key, *version, Some(data)), data.clone()))
        }
        _ => Err(Error::new(ErrorKind::NotFound, "get", "").with_key(&object.key)),
    }
}

/// Of each name the last version, unless that is a marker.
fn current(mut all: Vec<ObjectMeta>) -> Vec<ObjectMeta> {
    all.reverse();
    all.dedup_by(|older, newer| older.id.key == newer.id.key);
    all.reverse();
    all.retain(|object| !object.delete_marker);
    all
}

fn described(key: &Key, version: u64, data: Option<&Bytes>) -> ObjectMeta {
    ObjectMeta {
        id: ObjectId {
            key: key.clone(),
            version: Some(VersionId(version.to_string())),
        },
        size: data.map_or(0, |data| data.len() as u64),
        modified: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(version)),
        etag: Some(version.to_string()),
        retain_until: None,
        excluded: false,
        delete_marker: data.is_none(),
    }
}

#[async_trait]
impl Snapstore for Versioned {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let mut kept = self.kept.lock().unwrap();
        let taken = find(&kept, &key.clone().into()).is_ok();
        if options.mode == PutMode::CreateNew && taken {
            return Err(Error::new(ErrorKind::AlreadyExists, "put", "").with_key(key));
        }
        Ok(self.write(&mut kept, key, Some(data)))
    }

    async fn start_upload(&self, key: &Key, _: UploadOptions) -> Result<Box<dyn Upload>> {
        Err(Error::new(ErrorKind::Unsupported, "start_upload", "").with_key(key))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let (meta, data) = find(&self.kept.lock().unwrap(), object)?;
        let range = range.unwrap_or(0..meta.size);
        let end = range.end.min(meta.size);
        let range = range.start.min(end)..end;
        let held = data.slice(range.start as usize..range.end as usize);
        let body = futures::stream::iter([Ok(held)]).boxed();
        Ok(Download { meta, range, body })
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        find(&self.kept.lock().unwrap(), object).map(|(meta, _)| meta)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let kept = self.kept.lock().unwrap();
        let mut shown: Vec<_> = kept
            .iter()
            .filter(|((key, _), _)| key.as_str().starts_with(&request.prefix))
            .map(|((key, version), data)| described(key, *version, data.as_ref()))
            .collect();
        if request.versions == Versions::Current {
            shown = current(shown);
        }
        let begin = request
            .page
            .as_ref()
            .map_or(0, |page| page.0.parse().unwrap());
        let end = shown.len().min(begin + PAGE);
        let next = match self.paging {
            Paging::ByVersion => end,
            Paging::ByName => {
                let last = shown[..end].last().map(|last| &last.id.key);
                let first_of_last = shown.iter().position(|object| Some(&object.id.key) == last);
                match request.versions {
                    Versions::All => first_of_last.unwrap_or(end),
                    Versions::Current => end,
                }
            }
        };
        let next = (end < shown.len()).then_some(next);
        Ok(ListPage {
            objects: shown.drain(begin..end).collect(),
            next: next.map(|at| PageToken(at.to_string())),
        })
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        let mut kept = self.kept.lock().unwrap();
        let there = find(&kept, object).is_ok();
        match &object.version {
            Some(version) => {
                let version = version.0.parse().unwrap();
                kept.remove(&(object.key.clone(), version));
            }
            None if there => drop(self.write(&mut kept, &object.key, None)),
            None => {}
        }
        Ok(())
    }

    async fn sweep(&self, _: SystemTime) -> Result<u64> {
        Ok(0)
    }
}
