use std::sync::Arc;

use async_trait::async_trait;
use snapstore::{Bytes, Key, ObjectMeta, PartReceipt, Result, Upload, UploadOptions};

use super::call::{Caller, MISSING};
use super::convert::mode;
use super::handle::Handle;
use crate::abi::{self, Receipt};

/// An upload in a plugin.
#[derive(Debug)]
struct PluginUpload {
    caller: Caller,
    upload: Arc<Handle>,
    key: Key,
}

/// Begins an upload.
pub(super) async fn start(
    caller: &Caller,
    store: &Arc<Handle>,
    key: &Key,
    options: UploadOptions,
) -> Result<Box<dyn Upload>> {
    let (kept, name) = (store.clone(), key.clone());
    let started = caller.run("start_upload", caller.deadlines.call, move |table, call| {
        let mut pointer = std::ptr::null_mut();
        let name = abi::Bytes::of(name.as_str().as_bytes());
        let code = table.start_upload.map_or(MISSING, |start| {
            let (store, mode) = (kept.pointer(), mode(options.mode));
            // SAFETY: the plugin's own function and handle; the text lives until it returns.
            unsafe { start(call, store, name, mode, options.part_size, &mut pointer) }
        });
        let pointer = if code == abi::OK {
            pointer
        } else {
            std::ptr::null_mut()
        };
        (code, Handle::of(&kept, pointer, table.close_upload))
    });
    let (reply, upload) = started.await.map_err(|error| error.about(key))?;
    let upload = upload.given(&reply).map_err(|error| error.about(key))?;
    Ok(Box::new(PluginUpload {
        caller: caller.clone(),
        upload: Arc::new(upload),
        key: key.clone(),
    }))
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Upload for PluginUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let upload = self.upload.clone();
        let sent = self
            .caller
            .run("part", self.caller.deadlines.body, move |table, call| {
                let code = table.part.map_or(MISSING, |part| {
                    // SAFETY: the plugin's own function and handle; the bytes live until it returns.
                    unsafe { part(call, upload.pointer(), number, abi::Bytes::of(&data)) }
                });
                (code, ())
            });
        let (reply, ()) = sent.await.map_err(|error| error.about(&self.key))?;
        match reply.text {
            Some(token) => Ok(PartReceipt { number, token }),
            None => Err(reply
                .wrong("it gave no receipt for a part")
                .with_key(&self.key)),
        }
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let (upload, parts) = (self.upload.clone(), parts.to_vec());
        let done = self.caller.run(
            "complete",
            self.caller.deadlines.body,
            move |table, call| {
                let receipts: Vec<Receipt> = parts
                    .iter()
                    .map(|part| Receipt {
                        number: part.number,
                        reserved: 0,
                        token: abi::Bytes::of(part.token.as_bytes()),
                    })
                    .collect();
                let code = table.complete.map_or(MISSING, |complete| {
                    // SAFETY: the plugin's own function and handle, and an array of that length.
                    unsafe { complete(call, upload.pointer(), receipts.as_ptr(), receipts.len()) }
                });
                (code, ())
            },
        );
        let (mut reply, ()) = done.await.map_err(|error| error.about(&self.key))?;
        reply.object()
    }

    async fn abort(&self) -> Result<()> {
        let upload = self.upload.clone();
        let done = self
            .caller
            .run("abort", self.caller.deadlines.call, move |table, call| {
                let code = table.abort.map_or(MISSING, |abort| {
                    // SAFETY: the plugin's own function and handle.
                    unsafe { abort(call, upload.pointer()) }
                });
                (code, ())
            });
        done.await.map(drop).map_err(|error| error.about(&self.key))
    }
}
