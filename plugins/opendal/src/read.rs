//! The bytes of an object, and of one object alone.

use std::ops::Range;
use std::sync::Arc;

use futures::stream;
use futures::{Stream, StreamExt};
use opendal::Buffer;
use opendal::options::ReaderOptions;
use snapstore::{ByteStream, Bytes, Download, Error, ErrorKind, ObjectId, ObjectMeta, Result};

use crate::bucket::Bucket;
use crate::described::described;
use crate::error::is_absent;

const GET: &str = "get";

/// Reads `object`. The first bytes are there when this returns: what is opened is what the answer describes.
///
/// Errors: `NotFound`.
pub(crate) async fn get(
    bucket: &Arc<Bucket>,
    object: &ObjectId,
    range: Option<Range<u64>>,
) -> Result<Download> {
    let path = bucket.addressed(GET, object)?;
    let meta = bucket.head(GET, &object.key, &path).await?;
    let asked = range.unwrap_or(0..meta.size);
    let end = asked.end.min(meta.size);
    let range = asked.start.min(end)..end;
    let body: ByteStream = match range.is_empty() {
        true => Box::pin(stream::empty()),
        false => open(bucket, &path, &meta, range.clone()).await?,
    };
    Ok(Download { meta, range, body })
}

async fn open(
    bucket: &Arc<Bucket>,
    path: &str,
    meta: &ObjectMeta,
    range: Range<u64>,
) -> Result<ByteStream> {
    let condition = condition(bucket, meta);
    let is_held = condition.is_some();
    let options = ReaderOptions {
        if_match: condition,
        content_length_hint: Some(meta.size),
        ..ReaderOptions::default()
    };
    let failed = |error: opendal::Error| match error.kind() {
        // It was there a moment ago.
        _ if is_absent(&error) => replaced(),
        opendal::ErrorKind::ConditionNotMatch | opendal::ErrorKind::RangeNotSatisfied => replaced(),
        _ => bucket.failed(GET, &error),
    };
    let reader = bucket.operator().reader_options(path, options).await;
    let opened = reader.map_err(failed)?.into_stream(range.clone()).await;
    let mut pieces = opened.map_err(failed)?;
    let first = pieces.next().await.transpose().map_err(failed)?;
    // Whoever replaced it between the look and the opening shows here.
    if !is_held {
        let now = bucket.look(GET, path).await?;
        let now = now.map(|found| described(meta.id.key.clone(), &found));
        if now.as_ref() != Some(meta) {
            return Err(replaced());
        }
    }
    let told = bucket.clone();
    let rest = pieces.map(move |piece| piece.map_err(|error| told.failed(GET, &error)));
    let pieces = stream::iter(first.map(Ok)).chain(rest);
    Ok(Box::pin(of_length(pieces, range.end - range.start)))
}

/// The tag that must hold at the opening. A weak one never does (RFC 9110, 13.1.1).
fn condition(bucket: &Bucket, meta: &ObjectMeta) -> Option<String> {
    let strong = meta.etag.as_deref().filter(|tag| !tag.starts_with("W/"))?;
    let asks = bucket.service.can.read_with_if_match;
    asks.then(|| strong.to_owned())
}

fn replaced() -> Error {
    let message = "the object was replaced while it was opened";
    Error::new(ErrorKind::Unexpected, GET, message).retryable()
}

/// `pieces`, if they are as many bytes as were asked for: a server may ignore a range, or end early.
fn of_length(
    pieces: impl Stream<Item = Result<Buffer>> + Send,
    length: u64,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let start = (Box::pin(pieces), Buffer::new(), length);
    stream::try_unfold(start, |(mut pieces, mut piece, left)| async move {
        loop {
            if let Some(bytes) = Iterator::next(&mut piece) {
                let Some(left) = left.checked_sub(bytes.len() as u64) else {
                    return Err(odd("it has more bytes than were asked for"));
                };
                return Ok(Some((bytes, (pieces, piece, left))));
            }
            match pieces.next().await.transpose()? {
                Some(next) => piece = next,
                None if left == 0 => return Ok(None),
                None => return Err(odd(&format!("it ended {left} bytes early"))),
            }
        }
    })
}

fn odd(why: &str) -> Error {
    let message = format!("the body is not what was asked for: {why}");
    Error::new(ErrorKind::Unexpected, GET, message).retryable()
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::TryStreamExt;

    use super::*;

    fn read(pieces: &[&'static str], length: u64) -> Result<Vec<u8>> {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| Ok(Buffer::from(*piece)))
            .collect();
        let whole = of_length(stream::iter(pieces), length).try_collect::<Vec<_>>();
        let whole = whole
            .now_or_never()
            .unwrap_or_else(|| unreachable!("nothing is waited for"));
        Ok(whole?.concat())
    }

    /// A server that ignores ranges sends the beginning of the object for its middle.
    #[test]
    fn a_body_of_another_length_is_an_error_that_may_pass() {
        assert_eq!(read(&["ab", "", "c"], 3).ok(), Some(b"abc".to_vec()));
        for (pieces, length) in [(&["ab", "cd"][..], 3), (&["ab"], 3), (&[], 1)] {
            let error = read(pieces, length).err();
            assert!(error.is_some_and(|error| error.is_retryable()));
        }
    }
}
