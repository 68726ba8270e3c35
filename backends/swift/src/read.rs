use std::ops::Range;

use reqwest::Method;
use snapstore::{Download, Result};
use snapstore_cloud::http::{extent, length};
use snapstore_cloud::read::{Ask, download, listed, nothing};

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
        Ask::Nothing => return none(swift, at, range).await,
    }
    let answer = reply("get", request).await?;
    // The range begins at the object's end or after it.
    if answer.status().as_u16() == 416 {
        return none(swift, at, range).await;
    }
    let answer = good("get", answer).await?;
    match extent(answer.headers())? {
        Some((range, size)) => {
            let meta = described(answer.headers(), at.key, size)?;
            Ok(download(answer, meta, range))
        }
        // A proxy sends it on in chunks. How long it is, the listing knows.
        None => {
            let list = |request| async move { page(swift, at.container, at.keys, &request).await };
            let size = listed(at.key, list).await?.size;
            let meta = described(answer.headers(), at.key, size)?;
            Ok(download(answer, meta, 0..size))
        }
    }
}

/// No bytes of an object that is there.
async fn none(swift: &Client, at: Address<'_>, range: Option<Range<u64>>) -> Result<Download> {
    let headers = head(swift, at, "get").await?;
    let meta = described(&headers, at.key, length(&headers)?)?;
    Ok(nothing(meta, range.map_or(0, |range| range.start)))
}
