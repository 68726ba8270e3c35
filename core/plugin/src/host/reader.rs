use std::ops::Range;
use std::sync::Arc;

use snapstore::{ByteStream, Bytes, Download, Error, ErrorKind, ObjectId, Result};

use super::call::{Caller, MISSING};
use super::convert::address;
use super::handle::Handle;
use crate::abi;

/// Bytes asked for at once: the memory of a read, and how soon it can be given up.
const PIECE: usize = 256 * 1024;

/// Opens an object.
pub(super) async fn get(
    caller: &Caller,
    store: &Arc<Handle>,
    object: &ObjectId,
    range: Option<Range<u64>>,
) -> Result<Download> {
    let (kept, id) = (store.clone(), object.clone());
    let wanted = range.unwrap_or(0..u64::MAX);
    let opened = caller.run("get", caller.deadlines.call, move |table, call| {
        let (key, version) = address(&id);
        let mut pointer = std::ptr::null_mut();
        let code = table.get.map_or(MISSING, |get| {
            let Range { start, end } = wanted;
            // SAFETY: the plugin's own function and handle; the texts live until it returns.
            unsafe { get(call, kept.pointer(), key, version, start, end, &mut pointer) }
        });
        let pointer = if code == abi::OK {
            pointer
        } else {
            std::ptr::null_mut()
        };
        (code, Handle::of(&kept, pointer, table.close_reader))
    });
    let (mut reply, reader) = opened.await?;
    let reader = reader.given(&reply)?;
    let meta = reply.object()?;
    let Some(range) = reply.range.clone() else {
        return Err(reply.wrong("it did not say which bytes it gives"));
    };
    let body = Body {
        caller: caller.clone(),
        reader: Arc::new(reader),
        left: range.end.saturating_sub(range.start),
    };
    Ok(Download {
        meta,
        range,
        body: body.stream(object.clone()),
    })
}

struct Body {
    caller: Caller,
    reader: Arc<Handle>,
    left: u64,
}

impl Body {
    fn stream(self, object: ObjectId) -> ByteStream {
        Box::pin(futures::stream::try_unfold(self, move |mut body| {
            let key = object.key.clone();
            async move {
                if body.left == 0 {
                    return Ok(None);
                }
                let piece = body.piece().await.map_err(|error| error.about(&key))?;
                if piece.is_empty() || piece.len() as u64 > body.left {
                    let message = format!("the plugin's body ended {} bytes early", body.left);
                    let error = Error::new(ErrorKind::Unexpected, "get", message);
                    return Err(error.with_key(&key).retryable());
                }
                body.left -= piece.len() as u64;
                Ok(Some((piece, body)))
            }
        }))
    }

    async fn piece(&self) -> Result<Bytes> {
        let reader = self.reader.clone();
        let length = PIECE.min(usize::try_from(self.left).unwrap_or(PIECE));
        let read = self
            .caller
            .run("get", self.caller.deadlines.silence, move |table, call| {
                let mut buffer = vec![0; length];
                let mut taken = 0;
                let code = table.read.map_or(MISSING, |read| {
                    // SAFETY: the plugin's own function and handle, and a buffer of that length.
                    unsafe {
                        read(
                            call,
                            reader.pointer(),
                            buffer.as_mut_ptr(),
                            length,
                            &mut taken,
                        )
                    }
                });
                buffer.truncate(taken);
                (code, (buffer, taken))
            });
        match read.await? {
            (_, (buffer, taken)) if taken <= length => Ok(buffer.into()),
            (reply, (_, taken)) => {
                let what = format!("it says that it read {taken} bytes where {length} had room");
                Err(reply.wrong(&what))
            }
        }
    }
}
