//! A store that does what another does, but for the calls that a test wants to go otherwise.

use std::fmt::Debug;
use std::ops::{Deref, Range};
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Key, ListPage, ListRequest, Location, ObjectId,
    ObjectMeta, Original, PutOptions, Result, Snapstore, Upload, UploadOptions,
};

/// What is done in the place of the calls of a store. Each is passed on unless it is written: a test says
/// what goes wrong, and nothing else.
#[async_trait]
pub trait Hooks: Debug + Send + Sync + 'static {
    /// The store that calls are passed on to.
    fn store(&self) -> &dyn Snapstore;

    /// In the place of [`Snapstore::location`].
    fn location(&self) -> &Location {
        self.store().location()
    }

    /// In the place of [`Snapstore::capabilities`].
    fn capabilities(&self) -> &Capabilities {
        self.store().capabilities()
    }

    /// In the place of [`Snapstore::put`].
    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.store().put(key, data, options).await
    }

    /// In the place of [`Snapstore::start_upload`].
    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.store().start_upload(key, options).await
    }

    /// In the place of [`Snapstore::get`].
    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.store().get(object, range).await
    }

    /// In the place of [`Snapstore::copy_within`].
    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        self.store().copy_within(original, key, options).await
    }

    /// In the place of [`Snapstore::head`].
    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.store().head(object).await
    }

    /// In the place of [`Snapstore::list`].
    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.store().list(request).await
    }

    /// In the place of [`Snapstore::delete`].
    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.store().delete(object).await
    }

    /// In the place of [`Snapstore::sweep`].
    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.store().sweep(idle_since).await
    }
}

/// The store with these hooks. A STUB, whatever is below it.
#[derive(Debug)]
pub struct Hooked<H>(pub H);

impl<H> Deref for Hooked<H> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.0
    }
}

#[async_trait]
impl<H: Hooks> Snapstore for Hooked<H> {
    fn location(&self) -> &Location {
        self.0.location()
    }

    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.0.put(key, data, options).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        self.0.start_upload(key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.0.get(object, range).await
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        self.0.copy_within(original, key, options).await
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.0.head(object).await
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.0.list(request).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.0.delete(object).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        self.0.sweep(idle_since).await
    }
}
