use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use base64_simd::STANDARD as BASE64;
use http::Method;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Key, ListPage, ListRequest, Location, ObjectId,
    ObjectMeta, Original, PutMode, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadOptions,
};
use snapstore_cloud::http::{absent, length};
use snapstore_cloud::md5;

use crate::bucket::{Bucket, FORBID_OVERWRITE};
use crate::client::{Call, Client};
use crate::config::Settings;
use crate::copy::copy;
use crate::read::{self, described, head};
use crate::upload::OssUpload;
use crate::{list, sweep};

/// A [`Snapstore`] on a bucket.
#[derive(Debug)]
pub struct OssStore {
    bucket: Arc<Bucket>,
    location: Location,
}

impl OssStore {
    /// Opens the bucket of `config`. Asks the bucket what it can do; changes nothing.
    pub(crate) async fn open(config: &StoreConfig) -> Result<Self> {
        let bucket = Bucket::open(Settings::new(config)?).await?;
        let location = bucket.keys.location("oss", &bucket.name);
        Ok(Self {
            bucket: Arc::new(bucket),
            location,
        })
    }

    async fn write(
        &self,
        oss: &Client,
        key: &Key,
        data: Bytes,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let name = self.bucket.keys.name(key);
        self.bucket
            .look_first(oss, self.bucket.address(&name, key), mode)
            .await?;
        let mut call = Call::object("put", Method::PUT, &name)
            // OSS compares it with what arrived before it stores anything.
            .header("content-md5", BASE64.encode_to_string(md5(&data).await))
            .body(data);
        if mode == PutMode::CreateNew {
            call = call.header(FORBID_OVERWRITE, "true");
        }
        oss.send(call).await?;
        // The answer has no date.
        let at = self.bucket.address(&name, key);
        let headers = head(oss, at, "put").await?;
        described(&headers, at, length(&headers)?)
    }
}

#[async_trait]
impl Snapstore for OssStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.bucket.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let put = async |oss: Arc<Client>| self.write(&oss, key, data, options.mode).await;
        self.bucket.client.call(Some(key), put).await
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        let upload = OssUpload::start(self.bucket.clone(), key, options).await?;
        Ok(Box::new(upload))
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        self.bucket.capabilities.check_version("get", object)?;
        let name = self.bucket.keys.name(&object.key);
        let at = self.bucket.address(&name, &object.key);
        let get = async |oss: Arc<Client>| read::get(&oss, at, range).await;
        self.bucket.client.call(Some(&object.key), get).await
    }

    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let copied = copy(&self.bucket, original, key, options.mode).await;
        copied.map_err(|error| error.about(key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.bucket.capabilities.check_version("head", object)?;
        let name = self.bucket.keys.name(&object.key);
        let at = self.bucket.address(&name, &object.key);
        let look = async |oss: Arc<Client>| head(&oss, at, "head").await;
        let headers = self.bucket.client.call(Some(&object.key), look).await?;
        described(&headers, at, length(&headers)?)
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        self.bucket.capabilities.check_listing(request)?;
        let (keys, retention) = (&self.bucket.keys, self.bucket.retention);
        let list = async |oss: Arc<Client>| list::page(&oss, keys, retention, request).await;
        self.bucket.client.call(None, list).await
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.bucket.capabilities.check_version("delete", object)?;
        let name = self.bucket.keys.name(&object.key);
        let call = Call::object("delete", Method::DELETE, &name);
        let delete = async |oss: Arc<Client>| absent(oss.send(call).await).map(drop);
        self.bucket.client.call(Some(&object.key), delete).await
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        let sweep = async |oss: Arc<Client>| sweep::sweep(&self.bucket, &oss, idle_since).await;
        self.bucket.client.call(None, sweep).await
    }
}
