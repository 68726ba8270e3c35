//! Which bytes of an object came, and which were asked for.

use std::ops::Range;

use bytes::Bytes;
use futures::{Stream, TryStreamExt};

use crate::{Download, Error, ErrorKind, Result};

/// `download` cut to what was asked for. A server may ignore a range (RFC 9110, section 14.2) and
/// send all of the object: then what was not asked for is passed over.
///
/// Errors: `Unexpected` and retryable if some of what was asked for is not in it.
pub(super) fn narrowed(download: Download, asked: Option<&Range<u64>>) -> Result<Download> {
    let Download { meta, range, body } = download;
    let end = asked.map_or(meta.size, |asked| asked.end.min(meta.size));
    let start = asked.map_or(0, |asked| asked.start.min(meta.size));
    let wanted = start..end.max(start);
    if range == wanted {
        return Ok(Download { meta, range, body });
    }
    if wanted.is_empty() {
        return Ok(Download {
            meta,
            range: wanted,
            body: Box::pin(futures::stream::empty()),
        });
    }
    if range.start > wanted.start || range.end < wanted.end {
        let message = format!(
            "the bytes {wanted:?} were asked for, and {range:?} of {} came",
            meta.size
        );
        let error = Error::new(ErrorKind::Unexpected, "get", message);
        return Err(error.with_key(&meta.id.key).retryable());
    }
    let length = wanted.end - wanted.start;
    let body = cut(body, wanted.start - range.start, length);
    Ok(Download {
        meta,
        range: wanted,
        body: Box::pin(body),
    })
}

/// `length` bytes of `body`, after the first `skipped`.
fn cut(
    body: impl Stream<Item = Result<Bytes>> + Send + Unpin + 'static,
    skipped: u64,
    length: u64,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let state = (body, skipped, length);
    futures::stream::try_unfold(state, |(mut body, mut skip, mut left)| async move {
        while left > 0 {
            let Some(mut piece) = body.try_next().await? else {
                return Ok(None);
            };
            let passed = skip.min(piece.len() as u64);
            skip -= passed;
            // Both are no longer than the piece.
            let _ = piece.split_to(passed as usize);
            piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            if piece.is_empty() {
                continue;
            }
            left -= piece.len() as u64;
            return Ok(Some((piece, (body, skip, left))));
        }
        Ok(None)
    })
}

#[cfg(test)]
mod tests {

    use futures::{FutureExt, StreamExt};

    use super::*;
    use crate::{Key, ObjectMeta};

    const WHOLE: &[u8] = b"0123456789";

    fn download(range: Range<u64>, piece: usize) -> Download {
        let body = &WHOLE[range.start as usize..range.end as usize];
        let pieces: Vec<_> = body.chunks(piece).map(Bytes::copy_from_slice).collect();
        Download {
            meta: ObjectMeta {
                id: Key::new("a").unwrap().into(),
                size: WHOLE.len() as u64,
                modified: None,
                etag: None,
                retain_until: None,
                excluded: false,
                delete_marker: false,
            },
            range,
            body: Box::pin(futures::stream::iter(pieces).map(Ok)),
        }
    }

    /// A server that ignores Range sent all of an object where its end was asked for, and the
    /// restore failed with words about an object that was replaced, which it was not.
    #[test]
    fn what_was_not_asked_for_is_passed_over() {
        for piece in 1..=WHOLE.len() {
            for start in 0..=10 {
                for end in start..=12 {
                    let cut = narrowed(download(0..10, piece), Some(&(start..end))).unwrap();
                    let end = end.min(10).max(start);
                    assert_eq!(cut.range, start..end);
                    let read: Vec<Bytes> = cut.body.try_collect().now_or_never().unwrap().unwrap();
                    assert_eq!(read.concat(), WHOLE[start as usize..end as usize]);
                }
            }
        }
    }

    #[test]
    fn what_is_missing_is_an_error_of_the_store() {
        for (came, asked) in [(0..5, Some(3..8)), (4..10, Some(3..8)), (0..5, None)] {
            let error = narrowed(download(came, 3), asked.as_ref()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unexpected);
            assert!(error.is_retryable(), "{error}");
        }
    }
}
