//! Bodies of any length become objects: small ones in one put, long ones in parts, several at once.

use std::pin::pin;

use bytes::Bytes;
use futures::future::{Either, pending, select};
use futures::{Stream, StreamExt, TryStreamExt, stream};

use crate::parts::Parts;
use crate::{
    Error, ErrorKind, Key, ObjectMeta, PartReceipt, PutMode, PutOptions, Result, Snapstore, Upload,
    UploadOptions,
};

/// How a body is sent. Memory needed: `part_size` x `parallel`, and one piece of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// What to do when the key is taken.
    pub mode: PutMode,
    /// Bytes of a part. Raised to what the store demands.
    pub part_size: u64,
    /// Parts in memory at once: on their way, or the last of them being filled.
    pub parallel: usize,
}

impl Default for Sending {
    /// As the reference: parts of 5 MiB, five at once.
    fn default() -> Self {
        Self {
            mode: PutMode::CreateNew,
            part_size: 5 << 20,
            parallel: 5,
        }
    }
}

/// Stores what `body` brings under `key`. All or nothing: when this fails, or `body` does, no
/// object appears, and the parts sent so far are removed.
pub async fn send(
    store: &dyn Snapstore,
    key: &Key,
    body: impl Stream<Item = Result<Bytes>> + Send,
    sending: Sending,
) -> Result<ObjectMeta> {
    send_until(store, key, body, sending, pending()).await
}

/// The same, but given up when `stop` is there: parts that were sent are removed then, as when it fails. The request
/// that makes the object is not dropped once it was sent: nobody could say whether the object appears. So it is `Ok`
/// where that request was on its way already. Who drops this future instead leaves parts where they are.
pub async fn send_until(
    store: &dyn Snapstore,
    key: &Key,
    body: impl Stream<Item = Result<Bytes>> + Send,
    sending: Sending,
    stop: impl Future<Output = ()> + Send,
) -> Result<ObjectMeta> {
    let mut stop = pin!(stop);
    let beginning = pin!(begin(store, key, body, sending));
    let begun = match select(&mut stop, beginning).await {
        Either::Left(_) => return Err(unwanted(key)),
        Either::Right((begun, _)) => begun?,
    };
    let (upload, first, parts, most) = match begun {
        Begun::Whole(body) => {
            let options = PutOptions { mode: sending.mode };
            return store.put(key, body, options).await;
        }
        Begun::Upload {
            upload,
            first,
            parts,
            most,
        } => (upload, first, parts, most),
    };
    let rest = stream::try_unfold(parts, async |mut parts| {
        let part = parts.next().await?;
        Ok(part.map(|part| (part, parts)))
    });
    let parts = stream::iter([Ok(first)]).chain(rest);
    let receipts = pin!(send_parts(&*upload, key, parts, sending.parallel, most));
    let receipts = match select(stop, receipts).await {
        Either::Left(_) => Err(unwanted(key)),
        Either::Right((receipts, _)) => receipts,
    };
    let sent = match receipts {
        Ok(receipts) => upload.complete(&receipts).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(meta) => Ok(meta),
        Err(error) => {
            // The first failure is what the caller must hear of. Parts that cannot be removed now
            // are cleaned up by age.
            let _ = upload.abort().await;
            Err(error)
        }
    }
}

fn unwanted(key: &Key) -> Error {
    Error::new(ErrorKind::Unexpected, "send", "it is not wanted any more").with_key(key)
}

/// How far a body is after its first part.
enum Begun<S> {
    /// It is no longer than that.
    Whole(Bytes),
    /// There is more.
    Upload {
        upload: Box<dyn Upload>,
        first: Bytes,
        /// The others.
        parts: Parts<S>,
        /// So many are taken.
        most: u32,
    },
}

async fn begin<S: Stream<Item = Result<Bytes>> + Send>(
    store: &dyn Snapstore,
    key: &Key,
    body: S,
    sending: Sending,
) -> Result<Begun<S>> {
    let limits = store.capabilities().uploads.clone();
    let smallest = limits
        .as_ref()
        .map_or(1, |limits| *limits.part_size.start());
    let part_size = sending.part_size.max(smallest);
    let mut parts = Parts::of(body, part_size);
    let first = parts.next().await?.unwrap_or_default();
    if !parts.has_more().await? {
        return Ok(Begun::Whole(first));
    }
    let Some(limits) = limits else {
        let message = "this store takes no uploads in parts, and the body is longer than one";
        return Err(Error::new(ErrorKind::Unsupported, "send", message).with_key(key));
    };
    let options = UploadOptions {
        mode: sending.mode,
        part_size,
    };
    Ok(Begun::Upload {
        upload: store.start_upload(key, options).await?,
        first,
        parts,
        most: limits.max_parts,
    })
}

async fn send_parts(
    upload: &dyn Upload,
    key: &Key,
    parts: impl Stream<Item = Result<Bytes>> + Send,
    parallel: usize,
    most: u32,
) -> Result<Vec<PartReceipt>> {
    let sent = parts.enumerate().map(|(index, data)| async move {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if number > most {
            let message = format!("the body needs more than {most} parts; use larger ones");
            return Err(Error::new(ErrorKind::Config, "send", message).with_key(key));
        }
        upload.part(number, data?).await
    });
    // A part is taken from the body when there is room for it and no sooner.
    let sent = sent.buffer_unordered(parallel.max(1));
    let mut receipts: Vec<PartReceipt> = sent.try_collect().await?;
    receipts.sort_by_key(|receipt| receipt.number);
    Ok(receipts)
}
