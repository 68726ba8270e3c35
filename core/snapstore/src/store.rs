use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    Capabilities, Copied, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, Original, PutOptions, Result, Upload, UploadOptions,
};

/// A place that keeps objects.
///
/// Calls may run at once on one store. Dropping a future cancels the call; what a cancelled call
/// has done so far is either nothing or the whole of it, as far as a reader can see. One method
/// has a default body, which says that the store cannot; the others have none, so that a wrapper
/// cannot lose one silently.
#[async_trait]
pub trait Snapstore: fmt::Debug + Send + Sync + 'static {
    /// Where the objects are. Shown to people.
    fn location(&self) -> &Location;

    /// What this store can do.
    fn capabilities(&self) -> &Capabilities;

    /// Stores `data` under `key`. All or nothing: no reader ever sees a part of it, and when this
    /// returns the object survives a loss of power and is in every later listing.
    /// An empty `data` is a legal object.
    ///
    /// Errors: `AlreadyExists` under [`crate::PutMode::CreateNew`] when the key is taken (nothing
    /// is changed then), `Immutable`, `Denied`.
    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta>;

    /// Begins an object that arrives in parts. Nothing is visible before
    /// [`Upload::complete`].
    ///
    /// Errors: `Unsupported` without [`Capabilities::uploads`].
    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>>;

    /// Reads an object, or the bytes `range` of it. A range is cut at the object's end; one that
    /// begins at or after the end gives an empty body.
    ///
    /// Errors: `NotFound`; `Unsupported` for a version without [`Capabilities::versions`].
    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download>;

    /// Makes `key` of an object of this service, whose bytes pass through no client. All or nothing
    /// as a put, and what is there is left there by [`crate::PutMode::CreateNew`] as by an upload.
    /// The original is read with the credentials of this store, which need not be those of the
    /// other.
    ///
    /// Errors: `Unsupported` without [`Capabilities::service`], and for what this service does not
    /// copy; `AlreadyExists`, after an answer that was lost of our own copy too; any other where it refuses. Nothing is there then that was not before.
    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let _ = (original, options);
        let message = "this store copies nothing by itself";
        Err(Error::new(ErrorKind::Unsupported, "copy", message).with_key(key))
    }

    /// What the store knows about an object. Errors as [`Snapstore::get`].
    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta>;

    /// One page of the objects under a prefix, in no promised order. Shows every object whose put
    /// or complete returned before this call, and never one that is not whole.
    async fn list(&self, request: &ListRequest) -> Result<ListPage>;

    /// Deletes an object. Deleting what is not there is a success: the state asked for holds.
    ///
    /// Errors: `Immutable` while a retention policy protects it.
    async fn delete(&self, object: &ObjectId) -> Result<()>;

    /// Removes what abandoned uploads have left: those neither completed nor aborted to which nothing
    /// has come since `idle_since`, by the store's clock. An upload that still receives parts is
    /// never touched. Returns how many uploads were removed; a store that keeps no leftovers
    /// answers 0.
    async fn sweep(&self, idle_since: SystemTime) -> Result<u64>;
}
