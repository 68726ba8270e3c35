use std::ops::Range;

use futures::StreamExt;
use reqwest::{Method, Response};
use snapstore::{Download, Key, ObjectMeta, Result};
use snapstore_cloud::http::{broken, extent, length};
use snapstore_cloud::read::{Ask, exactly, listed};

use crate::client::{Client, reply};
use crate::error::good;
use crate::list::page;
use crate::object::{Address, described, head};

/// The bytes of `range`, or all.
pub(crate) async fn get(
    swift: &Client,
    at: Address<'_>,
    range: Option<Range<u64>>,
) -> Result<Download> {
    let mut request = swift.request("get", Method::GET, at.container, at.name)?;
    match Ask::of(range.as_ref()) {
        Ask::Whole => {}
        Ask::Bytes(header) => request = request.header("range", header),
        Ask::Nothing => return nothing(swift, at, range).await,
    }
    let answer = reply("get", request).await?;
    // The range begins at the object's end or behind it.
    if answer.status().as_u16() == 416 {
        return nothing(swift, at, range).await;
    }
    let answer = good("get", answer).await?;
    match extent(answer.headers())? {
        Some((range, size)) => {
            let meta = described(answer.headers(), at.key, size)?;
            Ok(download(answer, at.key, meta, range))
        }
        // A proxy sends it on in chunks. How long it is, the listing knows.
        None => {
            let list = |request| async move { page(swift, at.container, at.keys, &request).await };
            let size = listed(at.key, list).await?.size;
            let meta = described(answer.headers(), at.key, size)?;
            Ok(download(answer, at.key, meta, 0..size))
        }
    }
}

/// No bytes of an object that is there.
async fn nothing(swift: &Client, at: Address<'_>, range: Option<Range<u64>>) -> Result<Download> {
    let headers = head(swift, at, "get").await?;
    let meta = described(&headers, at.key, length(&headers)?)?;
    let start = range.map_or(0, |range| range.start).min(meta.size);
    Ok(Download {
        meta,
        range: start..start,
        body: Box::pin(futures::stream::empty()),
    })
}

fn download(reply: Response, key: &Key, meta: ObjectMeta, range: Range<u64>) -> Download {
    let pieces = reply.bytes_stream();
    let pieces = pieces.map(|piece| piece.map_err(|error| broken("get", error)));
    let length = range.end - range.start;
    Download {
        meta,
        range,
        body: exactly(length, key, pieces),
    }
}
