//! One call: what came in, and the way to answer.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::time::Duration;

use snapstore::{Error, ErrorKind, Key, ObjectId, ObjectMeta, Result, VersionId};
use tokio::runtime::Runtime;

use crate::abi::{self, Bytes, Call, FAILED, Meta, OK, size_of_struct};

/// Answers a call of the host.
#[derive(Clone, Copy)]
pub(super) struct Answer<'a> {
    call: &'a Call,
}

/// Runs the body of a function of the table. Errors and panics become a `fail`.
///
/// # Safety
/// `call` is as the host passed it.
pub(super) unsafe fn guard(
    call: *const Call,
    operation: &'static str,
    body: impl FnOnce(Answer<'_>) -> Result<()>,
) -> i32 {
    // SAFETY: promised by the caller; the host keeps it until the function returns.
    let call = unsafe { &*call };
    let answer = Answer { call };
    let error = match catch_unwind(AssertUnwindSafe(|| body(answer))) {
        Ok(Ok(())) => return OK,
        Ok(Err(error)) => error,
        Err(panic) => {
            let message = format!("the plugin panicked: {}", words(&*panic));
            Error::new(ErrorKind::Unexpected, operation, message)
        }
    };
    let message = Bytes::of(error.message().as_bytes());
    let (kind, retryable) = (error.kind() as u32, i32::from(error.is_retryable()));
    // SAFETY: a function of the host, with the reply that it gave for this call.
    unsafe { (answer.host().fail)(answer.call.reply, kind, retryable, message) };
    FAILED
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}

/// The plugin has a runtime of its own: two of them never meet across the boundary.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            // What the plugin's tokio has: one that speaks to a network brings its driver.
            .enable_all()
            .build()
    });
    let failed = |error: &std::io::Error| {
        Error::new(
            ErrorKind::Unexpected,
            "open",
            format!("no runtime: {error}"),
        )
    };
    made.as_ref().map_err(failed)
}

impl Answer<'_> {
    fn host(&self) -> &abi::Host {
        // SAFETY: the host's table outlives every call.
        unsafe { &*self.call.host }
    }

    /// Waits for `work`, but no longer than the host does.
    pub(super) fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime = runtime()?;
        if self.call.deadline_ms == 0 {
            return runtime.block_on(work);
        }
        let limit = Duration::from_millis(self.call.deadline_ms);
        let done = runtime.block_on(async { tokio::time::timeout(limit, work).await });
        done.unwrap_or_else(|_| {
            let message = format!("no answer within {limit:?}");
            Err(Error::new(ErrorKind::Unexpected, "plugin", message).retryable())
        })
    }

    pub(super) fn text(&self, text: &str) {
        // SAFETY: a function of the host; it copies the text.
        unsafe { (self.host().text)(self.call.reply, Bytes::of(text.as_bytes())) };
    }

    pub(super) fn range(&self, start: u64, end: u64) {
        // SAFETY: a function of the host.
        unsafe { (self.host().range)(self.call.reply, start, end) };
    }

    pub(super) fn description(&self, description: &abi::Description) {
        // SAFETY: a function of the host; it copies what it needs.
        unsafe { (self.host().description)(self.call.reply, description) };
    }

    pub(super) fn object(&self, meta: &ObjectMeta) {
        let version = meta.id.version.as_ref().map(|version| version.0.as_str());
        let flags = [
            (meta.excluded, abi::EXCLUDED),
            (meta.delete_marker, abi::DELETE_MARKER),
            (meta.retain_until.is_some(), abi::RETAINED),
        ];
        let meta = Meta {
            struct_size: size_of_struct::<Meta>(),
            flags: flags
                .iter()
                .filter(|(set, _)| *set)
                .map(|(_, flag)| flag)
                .sum(),
            key: Bytes::of(meta.id.key.as_str().as_bytes()),
            version: Bytes::option(version),
            etag: Bytes::option(meta.etag.as_deref()),
            size: meta.size,
            modified: meta.modified.map_or(abi::UNKNOWN, abi::nanoseconds),
            retain_until: meta.retain_until.map_or(0, abi::nanoseconds),
        };
        // SAFETY: a function of the host; it copies what it needs.
        unsafe { (self.host().object)(self.call.reply, &meta) };
    }
}

/// Text that came in.
///
/// # Safety
/// As [`Bytes::read`].
pub(super) unsafe fn text<'a>(bytes: Bytes) -> Result<Option<&'a str>> {
    // SAFETY: promised by the caller.
    let Some(bytes) = (unsafe { bytes.read() }) else {
        return Ok(None);
    };
    let text = str::from_utf8(bytes)
        .map_err(|error| Error::new(ErrorKind::Config, "plugin", format!("no text: {error}")))?;
    Ok(Some(text))
}

/// The key that came in.
///
/// # Safety
/// As [`Bytes::read`].
pub(super) unsafe fn key(bytes: Bytes) -> Result<Key> {
    // SAFETY: promised by the caller.
    let name = unsafe { text(bytes) }?.unwrap_or_default();
    Key::new(name).map_err(|error| Error::new(ErrorKind::Config, "plugin", error.to_string()))
}

/// The address that came in.
///
/// # Safety
/// As [`Bytes::read`], for both.
pub(super) unsafe fn object_id(name: Bytes, version: Bytes) -> Result<ObjectId> {
    // SAFETY: promised by the caller.
    let key = unsafe { key(name) }?;
    // SAFETY: promised by the caller.
    let version = unsafe { text(version) }?;
    Ok(ObjectId {
        key,
        version: version.map(|version| VersionId(version.to_owned())),
    })
}
