use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::content::Content;
use super::refusal::Refusal;
use super::retention::Worm;
use super::time::now;

/// All buckets.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) buckets: BTreeMap<String, Bucket>,
}

/// One bucket.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// By key, in the order of bytes.
    pub(super) objects: BTreeMap<String, Object>,
    /// By their identity.
    pub(super) uploads: BTreeMap<String, Pending>,
    pub(super) worm: Option<Worm>,
    pub(super) versioning: Option<Versioning>,
}

/// Whether a bucket keeps versions. Here none are kept; what matters is that OSS ignores
/// x-oss-forbid-overwrite in a bucket that does, or once did (API reference, "PutObject").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Versioning {
    /// It does.
    Enabled,
    /// It did.
    Suspended,
}

/// One object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) content: Content,
    /// As it is shown, without quotes.
    pub(super) etag: String,
    pub(super) modified: SystemTime,
    /// `Normal` or `Multipart`.
    pub(super) kind: &'static str,
    /// Content-Type and metadata.
    pub(super) headers: Vec<(String, String)>,
}

/// An upload in parts that is not complete.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) key: String,
    pub(super) initiated: SystemTime,
    pub(super) headers: Vec<(String, String)>,
    pub(super) parts: BTreeMap<u32, Part>,
}

/// A part of it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) content: Content,
    pub(super) etag: String,
    pub(super) modified: SystemTime,
}

impl World {
    pub(super) fn create(&mut self, name: &str) {
        self.buckets.entry(name.to_owned()).or_default();
    }

    pub(super) fn bucket(&mut self, name: &str) -> Result<&mut Bucket, Refusal> {
        self.buckets
            .get_mut(name)
            .ok_or_else(Refusal::no_such_bucket)
    }

    pub(super) fn age(&mut self, by: Duration) {
        for bucket in self.buckets.values_mut() {
            bucket
                .objects
                .values_mut()
                .for_each(|object| object.modified -= by);
            bucket
                .uploads
                .values_mut()
                .for_each(|upload| upload.initiated -= by);
            bucket.worm.iter_mut().for_each(|worm| worm.created -= by);
        }
    }
}

impl Bucket {
    pub(super) fn object(&self, key: &str) -> Result<&Object, Refusal> {
        self.objects.get(key).ok_or_else(Refusal::no_such_key)
    }

    /// Whether `key` may be written, or deleted, now.
    pub(super) fn may_change(&self, key: &str) -> Result<(), Refusal> {
        let worm = self.worm.as_ref().zip(self.objects.get(key));
        match worm {
            Some((worm, object)) if worm.protects(object.modified) => Err(Refusal::immutable()),
            _ => Ok(()),
        }
    }

    /// Whether a new object may stand at `key`. `forbid` is the header x-oss-forbid-overwrite, which
    /// counts only where versions never did.
    pub(super) fn may_write(&self, key: &str, forbid: Option<&str>) -> Result<(), Refusal> {
        let heeded = forbid == Some("true") && self.versioning.is_none();
        if heeded && self.objects.contains_key(key) {
            return Err(Refusal::exists());
        }
        self.may_change(key)
    }
}

impl Object {
    pub(super) fn new(content: Content, headers: Vec<(String, String)>) -> Self {
        Self {
            etag: etag(&content.md5),
            modified: now(),
            kind: "Normal",
            content,
            headers,
        }
    }
}

/// OSS writes them in upper case.
pub(super) fn etag(md5: &[u8; 16]) -> String {
    md5.iter().map(|byte| format!("{byte:02X}")).collect()
}
