//! Does the suite notice? Stores that break one promise each, and the cases that must fail on
//! them. A case that passes on every liar would be a test that cannot fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use conformance_tests::{Context, all, run_case};
use snapstore::memory::MemoryStore;
use snapstore::{
    Bytes, Capabilities, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, PutMode, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

/// Which promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
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
}

#[derive(Debug)]
struct Liar {
    honest: MemoryStore,
    lie: Lie,
    claimed: Capabilities,
}

impl Liar {
    fn open(lie: Lie) -> Arc<dyn Snapstore> {
        let honest = MemoryStore::new();
        let mut claimed = honest.capabilities().clone();
        claimed.versions = lie == Lie::ClaimsVersions;
        if lie == Lie::HidesUploads {
            claimed.uploads = None;
        }
        Arc::new(Self {
            honest,
            lie,
            claimed,
        })
    }

    fn id(&self, object: &ObjectId) -> ObjectId {
        let version = object.version.clone();
        ObjectId {
            version: version.filter(|_| self.lie != Lie::IgnoresVersions),
            ..object.clone()
        }
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
                tokio::task::yield_now().await;
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
            _ => {}
        }
        self.honest.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, mut options: UploadOptions) -> Result<Box<dyn Upload>> {
        if self.lie == Lie::UploadsOverwrite {
            options.mode = PutMode::Overwrite;
        }
        self.honest.start_upload(key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let id = self.id(object);
        let head = self.honest.head(&id).await;
        let size = head.map_err(|error| self.failure(error))?.size;
        if self.lie == Lie::RefusesLongRanges && range.as_ref().is_some_and(|r| r.end > size) {
            return Err(Error::new(ErrorKind::Unexpected, "get", "416"));
        }
        self.honest.get(&id, range).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        let head = self.honest.head(&self.id(object)).await;
        head.map_err(|error| self.failure(error))
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let mut request = request.clone();
        if self.lie == Lie::PrefixBySegment {
            let directory = request.prefix.rfind('/').map_or(0, |slash| slash + 1);
            request.prefix.truncate(directory);
        }
        if self.lie == Lie::IgnoresVersions {
            request.versions = Default::default();
        }
        let mut page = self.honest.list(&request).await?;
        if self.lie == Lie::OnePage {
            page.next = None;
        }
        Ok(page)
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        if self.lie == Lie::DeleteMissingFails {
            self.honest.head(object).await?;
        }
        self.honest.delete(&self.id(object)).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.honest.sweep(idle_since).await
    }
}

/// The names of the cases that fail.
fn caught(lie: Lie) -> Vec<&'static str> {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let fails = |case: &conformance_tests::Case| {
        let context = Context::new(Liar::open(lie), 7);
        runtime.block_on(run_case(case, context)).is_err()
    };
    all()
        .filter(|case| fails(case))
        .map(|case| case.name)
        .collect()
}

#[test]
fn an_honest_store_passes() {
    assert_eq!(caught(Lie::Honest), [""; 0]);
}

#[test]
fn every_lie_is_caught_by_the_case_of_its_promise() {
    for (lie, case) in [
        (Lie::CreateNewLooksFirst, "put::create_new_has_one_winner"),
        (Lie::CreateNewOverwrites, "put::create_new_is_the_default"),
        (Lie::Truncates, "put::what_was_put_is_read"),
        (Lie::ShowsHalf, "put::a_dropped_put_is_nothing_or_whole"),
        (Lie::RefusesLongRanges, "get::a_range_is_cut_at_the_end"),
        (
            Lie::MissingIsUnexpected,
            "get::what_is_missing_is_not_found",
        ),
        (Lie::DeleteMissingFails, "delete::deleting_nothing_succeeds"),
        (
            Lie::PrefixBySegment,
            "list::a_prefix_is_compared_byte_by_byte",
        ),
        (Lie::OnePage, "list::every_page_is_walked_once"),
        (
            Lie::IgnoresVersions,
            "versions::one_version_is_deleted_alone",
        ),
        (
            Lie::ClaimsVersions,
            "versions::an_overwritten_version_can_be_read",
        ),
        (Lie::HidesUploads, "upload::parts_become_one_object"),
        (
            Lie::UploadsOverwrite,
            "upload::create_new_is_decided_at_completion",
        ),
    ] {
        let caught = caught(lie);
        assert!(caught.contains(&case), "{lie:?} was caught by {caught:?}");
    }
}
