//! What a plugin says during one call, copied while it says it.

use std::ffi::c_void;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use snapstore::{Error, ErrorKind, Key, ObjectId, ObjectMeta, Result, UploadLimits, VersionId};

use crate::abi::{self, Bytes, Host, Meta, size_of_struct};

/// Collects the answers of one call.
#[derive(Debug)]
pub(super) struct Reply {
    operation: &'static str,
    error: Option<Error>,
    pub(super) objects: Vec<ObjectMeta>,
    pub(super) text: Option<String>,
    pub(super) range: Option<Range<u64>>,
    pub(super) description: Option<Description>,
}

/// What [`abi::Description`] says, owned.
#[derive(Debug, Clone)]
pub(super) struct Description {
    pub(super) capabilities: u32,
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) uploads: UploadLimits,
}

impl Reply {
    pub(super) fn new(operation: &'static str) -> Self {
        Self {
            operation,
            error: None,
            objects: Vec::new(),
            text: None,
            range: None,
            description: None,
        }
    }

    /// The call has returned `code`.
    pub(super) fn finish(mut self, code: i32) -> Result<Self> {
        match (code, self.error.take()) {
            (abi::OK, None) => Ok(self),
            (_, Some(error)) => Err(error),
            (code, None) => {
                let message = format!("the plugin failed with {code} and did not say why");
                Err(Error::new(ErrorKind::Unexpected, self.operation, message))
            }
        }
    }

    /// The only object of the answer.
    pub(super) fn object(&mut self) -> Result<ObjectMeta> {
        self.objects
            .pop()
            .ok_or_else(|| self.wrong("it described no object"))
    }

    /// The plugin broke the rules of the header.
    pub(super) fn wrong(&self, what: &str) -> Error {
        let message = format!("the plugin answered wrongly: {what}");
        Error::new(ErrorKind::Unexpected, self.operation, message)
    }

    fn note(&mut self, what: &str) {
        let error = self.wrong(what);
        self.error.get_or_insert(error);
    }
}

/// What every call brings along.
pub(super) static HOST: Host = Host {
    struct_size: size_of_struct::<Host>(),
    reserved: 0,
    fail,
    object,
    text,
    range,
    description,
};

/// The reply of the call that a plugin answers.
///
/// # Safety
/// `reply` is the pointer of the call, used during the call and by one thread at a time.
unsafe fn reply_of<'a>(reply: *mut c_void) -> &'a mut Reply {
    // SAFETY: promised by the caller.
    unsafe { &mut *reply.cast::<Reply>() }
}

/// Text from a plugin; what is none becomes readable.
///
/// # Safety
/// As [`Bytes::read`].
unsafe fn owned(bytes: Bytes) -> Option<String> {
    // SAFETY: promised by the caller.
    let bytes = unsafe { bytes.read() }?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}

unsafe extern "C" fn fail(reply: *mut c_void, kind: u32, retryable: i32, message: Bytes) {
    // SAFETY: the rules of the header.
    let reply = unsafe { reply_of(reply) };
    // SAFETY: the rules of the header.
    let message = unsafe { owned(message) }.unwrap_or_default();
    let kind = match kind {
        1 => ErrorKind::NotFound,
        2 => ErrorKind::AlreadyExists,
        3 => ErrorKind::Immutable,
        4 => ErrorKind::Denied,
        5 => ErrorKind::RateLimited,
        6 => ErrorKind::Unsupported,
        7 => ErrorKind::Config,
        8 => ErrorKind::Corrupt,
        _ => ErrorKind::Unexpected,
    };
    let error = Error::new(kind, reply.operation, message);
    reply.error = Some(if retryable == 0 {
        error
    } else {
        error.retryable()
    });
}

unsafe extern "C" fn text(reply: *mut c_void, text: Bytes) {
    // SAFETY: the rules of the header.
    let reply = unsafe { reply_of(reply) };
    // SAFETY: the rules of the header.
    reply.text = unsafe { owned(text) };
}

unsafe extern "C" fn range(reply: *mut c_void, start: u64, end: u64) {
    // SAFETY: the rules of the header.
    let reply = unsafe { reply_of(reply) };
    reply.range = Some(start..end);
}

unsafe extern "C" fn object(reply: *mut c_void, meta: *const Meta) {
    // SAFETY: the rules of the header.
    let reply = unsafe { reply_of(reply) };
    // SAFETY: a struct begins with its size, whoever made it.
    let size = unsafe { (*meta).struct_size };
    if size < size_of_struct::<Meta>() {
        return reply.note("its description of an object is too short");
    }
    // SAFETY: it is at least as long as ours.
    let meta = unsafe { *meta };
    // SAFETY: the rules of the header.
    let name = unsafe { owned(meta.key) }.unwrap_or_default();
    let key = match Key::new(&name) {
        Ok(key) => key,
        Err(error) => return reply.note(&error.to_string()),
    };
    // SAFETY: the rules of the header.
    let version = unsafe { owned(meta.version) }.map(VersionId);
    // SAFETY: the rules of the header.
    let etag = unsafe { owned(meta.etag) };
    reply.objects.push(ObjectMeta {
        id: ObjectId { key, version },
        size: meta.size,
        modified: (meta.modified != abi::UNKNOWN).then(|| time(meta.modified)),
        etag,
        retain_until: (meta.flags & abi::RETAINED != 0).then(|| time(meta.retain_until)),
        excluded: meta.flags & abi::EXCLUDED != 0,
        delete_marker: meta.flags & abi::DELETE_MARKER != 0,
    });
}

unsafe extern "C" fn description(reply: *mut c_void, description: *const abi::Description) {
    // SAFETY: the rules of the header.
    let reply = unsafe { reply_of(reply) };
    // SAFETY: a struct begins with its size, whoever made it.
    let size = unsafe { (*description).struct_size };
    if size < size_of_struct::<abi::Description>() {
        return reply.note("its description of itself is too short");
    }
    // SAFETY: it is at least as long as ours.
    let said = unsafe { *description };
    // SAFETY: the rules of the header.
    let bucket = unsafe { owned(said.bucket) }.unwrap_or_default();
    // SAFETY: the rules of the header.
    let prefix = unsafe { owned(said.prefix) }.unwrap_or_default();
    reply.description = Some(Description {
        capabilities: said.capabilities,
        bucket,
        prefix,
        uploads: UploadLimits {
            part_size: said.part_size_min..=said.part_size_max,
            max_parts: said.max_parts,
        },
    });
}

fn time(nanoseconds: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    let time = match nanoseconds {
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
        _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
