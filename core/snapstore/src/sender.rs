//! Bodies of any length become objects: small ones in one put, long ones in parts, several at once.

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, TryStreamExt};

use crate::{
    Error, ErrorKind, Key, ObjectMeta, PartReceipt, PutMode, PutOptions, Result, Snapstore, Upload,
    UploadOptions,
};

/// How a body is sent. Memory needed: `part_size` x (`parallel` + 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// What to do when the key is taken.
    pub mode: PutMode,
    /// Bytes of a part. Raised to what the store demands.
    pub part_size: u64,
    /// Parts on their way at once.
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
    let limits = store.capabilities().uploads.clone();
    let smallest = limits
        .as_ref()
        .map_or(1, |limits| *limits.part_size.start());
    let part_size = sending.part_size.max(smallest);
    let mut parts = std::pin::pin!(in_parts(body, part_size));
    let first = parts.try_next().await?.unwrap_or_default();
    let second = match first.len() as u64 == part_size {
        true => parts.try_next().await?,
        false => None,
    };
    let Some(second) = second else {
        return store
            .put(key, first, PutOptions { mode: sending.mode })
            .await;
    };
    let Some(limits) = limits else {
        let message = "this store takes no uploads in parts, and the body is longer than one";
        return Err(Error::new(ErrorKind::Unsupported, "send", message).with_key(key));
    };
    let options = UploadOptions {
        mode: sending.mode,
        part_size,
    };
    let upload = store.start_upload(key, options).await?;
    let all = futures::stream::iter([Ok(first), Ok(second)]).chain(parts);
    match run(&*upload, key, all, sending.parallel, limits.max_parts).await {
        Ok(meta) => Ok(meta),
        Err(error) => {
            // The first failure is what the caller must hear of. Parts that cannot be removed now
            // are cleaned up by age.
            let _ = upload.abort().await;
            Err(error)
        }
    }
}

async fn run(
    upload: &dyn Upload,
    key: &Key,
    parts: impl Stream<Item = Result<Bytes>> + Send,
    parallel: usize,
    most: u32,
) -> Result<ObjectMeta> {
    let sent = parts.enumerate().map(|(index, data)| async move {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if number > most {
            let message = format!("the body needs more than {most} parts; use larger ones");
            return Err(Error::new(ErrorKind::Config, "send", message).with_key(key));
        }
        upload.part(number, data?).await
    });
    let receipts: Vec<PartReceipt> = sent.buffered(parallel.max(1)).try_collect().await?;
    upload.complete(&receipts).await
}

/// `body` cut into parts of `part_size` bytes; the last may be shorter.
fn in_parts(
    body: impl Stream<Item = Result<Bytes>> + Send,
    part_size: u64,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let state = (Box::pin(body), BytesMut::new(), false);
    futures::stream::try_unfold(state, move |(mut body, mut part, mut ended)| async move {
        while !ended && (part.len() as u64) < part_size {
            match body.try_next().await? {
                Some(piece) => part.extend_from_slice(&piece),
                None => ended = true,
            }
        }
        let length = part
            .len()
            .min(usize::try_from(part_size).unwrap_or(usize::MAX));
        if length == 0 {
            return Ok(None);
        }
        let full = part.split_to(length).freeze();
        Ok(Some((full, (body, part, ended))))
    })
}
