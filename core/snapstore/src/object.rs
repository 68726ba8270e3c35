use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::time::SystemTime;

use bytes::Bytes;
use futures::Stream;

use crate::{Key, Result};

/// One version of an object, in the provider's own notation. Opaque.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VersionId(pub String);

impl fmt::Debug for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The address of an object: its key and, in a store with versions, which version.
/// `version: None` means the current one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectId {
    /// The name.
    pub key: Key,
    /// Which version; `None` for the current one.
    pub version: Option<VersionId>,
}

impl From<Key> for ObjectId {
    fn from(key: Key) -> Self {
        Self { key, version: None }
    }
}

/// What a store knows about an object. Facts only: policy is decided above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// The address. A listing of current versions may leave the version out.
    pub id: ObjectId,
    /// Length in bytes.
    pub size: u64,
    /// When it was written, by the store's clock. To the second: what is finer may be there in one
    /// answer and not in another. `None` where an answer does not say it, or not so that it is
    /// understood: nothing that is restored needs it.
    pub modified: Option<SystemTime>,
    /// The provider's tag for this content, if it has one. Differs when the content differs.
    pub etag: Option<String>,
    /// The store refuses to delete it before this time.
    pub retain_until: Option<SystemTime>,
    /// Somebody marked it as not to be used for restores (`x-etcd-snapshot-exclude=true`).
    pub excluded: bool,
    /// It is a delete marker of a versioned store, not data.
    pub delete_marker: bool,
}

/// A body as it arrives.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send + 'static>>;

/// An object being read.
pub struct Download {
    /// The object that the body belongs to. Its version and etag do not change while reading.
    pub meta: ObjectMeta,
    /// Which bytes of the object the body holds: the range asked for, cut at the object's end.
    pub range: Range<u64>,
    /// The bytes, in pieces of whatever size the provider sends. A body that ends before
    /// `range.end` is an error of the stream, never a silent end.
    pub body: ByteStream,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("meta", &self.meta)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}
