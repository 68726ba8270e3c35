use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use snapstore::{
    Bytes, Capabilities, Copied, Download, Error, ErrorKind, Key, ListPage, ListRequest, Location,
    ObjectId, ObjectMeta, Original, PageToken, PutOptions, Result, Snapstore, StoreConfig, Upload,
    UploadOptions, Versions,
};

use super::call::{Caller, MISSING};
use super::convert::{address, mode};
use super::handle::{Closer, Handle};
use super::options::Options;
use super::reply::Description;
use super::{reader, upload};
use crate::abi::{self, OfObject, Plugin};

/// A store in a plugin.
#[derive(Debug)]
pub(super) struct PluginStore {
    caller: Caller,
    store: Arc<Handle>,
    location: Location,
    capabilities: Capabilities,
}

impl PluginStore {
    pub(super) async fn open(
        table: Plugin,
        config: &StoreConfig,
        options: Options,
    ) -> Result<Self> {
        let caller = Caller::new(table, options);
        let (config, closer) = (to_json(config)?, Closer::start()?);
        let opened = caller.run("open", caller.deadlines.call, move |table, call| {
            let mut pointer = std::ptr::null_mut();
            let config = abi::Bytes::of(config.as_bytes());
            let code = table.open.map_or(MISSING, |open| {
                // SAFETY: the plugin's own function, called as the header says.
                unsafe { open(call, config, &mut pointer) }
            });
            if code != abi::OK {
                pointer = std::ptr::null_mut();
            }
            (code, Handle::new(pointer, table.close, closer))
        });
        let (reply, handle) = opened.await?;
        let store = Arc::new(handle.given(&reply)?);
        let (reply, ()) = caller
            .run("describe", caller.deadlines.call, {
                let store = store.clone();
                move |table, call| {
                    let code = table.describe.map_or(MISSING, |describe| {
                        // SAFETY: the plugin's own function and handle.
                        unsafe { describe(call, store.pointer()) }
                    });
                    (code, ())
                }
            })
            .await?;
        let Some(said) = &reply.description else {
            return Err(reply.wrong("it did not describe itself"));
        };
        let location = Location {
            scheme: "plugin",
            bucket: said.bucket.clone(),
            prefix: said.prefix.clone(),
        };
        let capabilities = capabilities(said);
        if capabilities.uploads.is_some() && table.start_upload.is_none() {
            return Err(reply.wrong("it claims uploads and has no function for them"));
        }
        Ok(Self {
            caller,
            store,
            location,
            capabilities,
        })
    }

    /// `head` or `remove`.
    async fn of_object(
        &self,
        operation: &'static str,
        object: &ObjectId,
        function: impl Fn(&Plugin) -> Option<OfObject> + Send + 'static,
    ) -> Result<super::reply::Reply> {
        let (store, id) = (self.store.clone(), object.clone());
        let done = self
            .caller
            .run(operation, self.caller.deadlines.call, move |table, call| {
                let (key, version) = address(&id);
                let code = function(table).map_or(MISSING, |function| {
                    // SAFETY: the plugin's own function and handle; the texts live until it returns.
                    unsafe { function(call, store.pointer(), key, version) }
                });
                (code, ())
            });
        let (reply, ()) = done.await.map_err(|error| error.about(&object.key))?;
        Ok(reply)
    }
}

fn to_json(config: &StoreConfig) -> Result<String> {
    let json = serde_json::json!({
        "container": config.container,
        "prefix": config.prefix,
        "endpoint_override": config.endpoint()?,
        "home": config.home.as_ref().map(|home| home.display().to_string()),
    });
    Ok(json.to_string())
}

fn capabilities(said: &Description) -> Capabilities {
    let can = |flag: u32| said.capabilities & flag != 0;
    let mut capabilities = Capabilities::default();
    capabilities.create_new = can(abi::CAN_CREATE_NEW);
    capabilities.versions = can(abi::CAN_VERSIONS);
    capabilities.retention = can(abi::CAN_RETENTION);
    capabilities.checks_content = can(abi::CAN_CHECK_CONTENT);
    capabilities.uploads = can(abi::CAN_UPLOADS).then(|| said.uploads.clone());
    capabilities
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Snapstore for PluginStore {
    fn location(&self) -> &Location {
        &self.location
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn put(&self, key: &Key, data: Bytes, options: PutOptions) -> Result<ObjectMeta> {
        let (store, name) = (self.store.clone(), key.clone());
        let done = self
            .caller
            .run("put", self.caller.deadlines.body, move |table, call| {
                let name = abi::Bytes::of(name.as_str().as_bytes());
                let code = table.put.map_or(MISSING, |put| {
                    // SAFETY: the plugin's own function and handle; the bytes live until it returns.
                    unsafe {
                        put(
                            call,
                            store.pointer(),
                            name,
                            abi::Bytes::of(&data),
                            mode(options.mode),
                        )
                    }
                });
                (code, ())
            });
        let (mut reply, ()) = done.await.map_err(|error| error.about(key))?;
        reply.object()
    }

    async fn start_upload(&self, key: &Key, options: UploadOptions) -> Result<Box<dyn Upload>> {
        if self.capabilities.uploads.is_none() {
            let message = "this plugin takes no uploads in parts";
            return Err(Error::new(ErrorKind::Unsupported, "start_upload", message).with_key(key));
        }
        upload::start(&self.caller, &self.store, key, options).await
    }

    async fn get(&self, object: &ObjectId, range: Option<Range<u64>>) -> Result<Download> {
        let download = reader::get(&self.caller, &self.store, object, range).await;
        download.map_err(|error| error.about(&object.key))
    }

    /// The interface has no function for it.
    async fn copy_within(
        &self,
        original: &Original,
        key: &Key,
        options: PutOptions,
    ) -> Result<Copied> {
        let _ = (original, options);
        let message = "plugins copy nothing by themselves";
        Err(Error::new(ErrorKind::Unsupported, "copy", message).with_key(key))
    }

    async fn head(&self, object: &ObjectId) -> Result<ObjectMeta> {
        self.of_object("head", object, |table| table.head)
            .await?
            .object()
    }

    async fn list(&self, request: &ListRequest) -> Result<ListPage> {
        let (store, request) = (self.store.clone(), request.clone());
        let listed = self
            .caller
            .run("list", self.caller.deadlines.call, move |table, call| {
                let prefix = abi::Bytes::of(request.prefix.as_bytes());
                let page = abi::Bytes::option(request.page.as_ref().map(|page| page.0.as_str()));
                let versions = u32::from(request.versions == Versions::All);
                let code = table.list.map_or(MISSING, |list| {
                    // SAFETY: the plugin's own function and handle; the texts live until it returns.
                    unsafe { list(call, store.pointer(), prefix, versions, page) }
                });
                (code, ())
            });
        let (reply, ()) = listed.await?;
        Ok(ListPage {
            objects: reply.objects,
            next: reply.text.map(PageToken),
        })
    }

    async fn delete(&self, object: &ObjectId) -> Result<()> {
        self.of_object("delete", object, |table| table.remove)
            .await
            .map(drop)
    }

    async fn sweep(&self, idle_since: SystemTime) -> Result<u64> {
        if self.caller.table.sweep.is_none() {
            return Ok(0);
        }
        let store = self.store.clone();
        let swept = self
            .caller
            .run("sweep", self.caller.deadlines.body, move |table, call| {
                let mut count = 0;
                let since = abi::nanoseconds(idle_since);
                let code = table.sweep.map_or(MISSING, |sweep| {
                    // SAFETY: the plugin's own function and handle; the count is ours.
                    unsafe { sweep(call, store.pointer(), since, &mut count) }
                });
                (code, count)
            });
        Ok(swept.await?.1)
    }
}
