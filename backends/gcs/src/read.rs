use std::ops::Range;

use futures::Stream;
use google_cloud_storage::Error as SdkError;
use google_cloud_storage::model_ext::ReadRange;
use google_cloud_storage::read_object::ReadObjectResponse;
use snapstore::{Bytes, Download, Error, ErrorKind, Key, ObjectMeta, Result};
use snapstore_cloud::read::exactly;

use crate::client::Client;
use crate::error::from_sdk;

/// `Range Not Satisfiable`: it begins behind the end.
const BEHIND_THE_END: u16 = 416;

/// Begins to read an object; which one, the reply says.
pub(crate) async fn begin(
    client: &Client,
    name: &str,
    generation: Option<i64>,
    range: Option<&Range<u64>>,
) -> Result<ReadObjectResponse, SdkError> {
    let mut read = client.data.read_object(client.bucket(), name);
    if let Some(generation) = generation {
        read = read.set_generation(generation);
    }
    if let Some(range) = range {
        read = read.set_read_range(match range.end {
            u64::MAX => ReadRange::offset(range.start),
            end => ReadRange::segment(range.start, end - range.start),
        });
    }
    read.send().await
}

/// The download of the object that `meta` describes, from a reply that was asked for at the same
/// time.
pub(crate) fn download(
    meta: ObjectMeta,
    generation: i64,
    asked: Option<Range<u64>>,
    reply: Result<ReadObjectResponse, SdkError>,
) -> Result<Download> {
    let asked = asked.unwrap_or(0..meta.size);
    let end = asked.end.min(meta.size);
    let range = asked.start.min(end)..end;
    let reply = match reply {
        Err(error) if error.http_status_code() == Some(BEHIND_THE_END) && range.is_empty() => {
            return Ok(nothing(meta, range));
        }
        other => other.map_err(|error| from_sdk("get", error))?,
    };
    if reply.object().generation != generation {
        let message = "the object was replaced while it was being opened; open it again";
        return Err(Error::new(ErrorKind::Unexpected, "get", message).retryable());
    }
    let body = exactly(range.end - range.start, &meta.id.key, pieces(reply));
    Ok(Download { meta, range, body })
}

/// The download of no bytes, which HTTP cannot ask for.
pub(crate) fn nothing(meta: ObjectMeta, range: Range<u64>) -> Download {
    let key: &Key = &meta.id.key;
    let body = exactly(0, key, futures::stream::empty());
    Download { meta, range, body }
}

fn pieces(reply: ReadObjectResponse) -> impl Stream<Item = Result<Bytes>> + Send {
    futures::stream::try_unfold(reply, |mut reply| async move {
        match reply.next().await {
            None => Ok(None),
            Some(Ok(piece)) => Ok(Some((piece, reply))),
            Some(Err(error)) => Err(from_sdk("get", error)),
        }
    })
}
