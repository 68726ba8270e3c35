use std::ops::Range;

use futures::{Stream, StreamExt};
use google_cloud_storage::read_object::ReadObjectResponse;
use reqwest::{Response, StatusCode};
use snapstore::{Bytes, Download, Error, ErrorKind, ObjectMeta, Result};
use snapstore_cloud::http::{broken, extent, odd, text};
use snapstore_cloud::read::{exactly, nothing};

use crate::client::Client;
use crate::error::from_sdk;

/// What came.
pub(crate) enum Reply {
    /// All of an object, whose checksum Google's client compares.
    Whole(ReadObjectResponse),
    /// A part of it; `None` if that would begin after the end.
    Part(Option<Response>),
}

/// Begins to read an object; which one, the reply says.
pub(crate) async fn begin(
    client: &Client,
    name: &str,
    generation: Option<i64>,
    range: Option<&Range<u64>>,
) -> Result<Reply> {
    if let Some(range) = range {
        return client.part(name, generation, range).await.map(Reply::Part);
    }
    let mut read = client.data.read_object(client.bucket(), name);
    if let Some(generation) = generation {
        read = read.set_generation(generation);
    }
    let reply = read.send().await.map_err(|error| from_sdk("get", error));
    reply.map(Reply::Whole)
}

/// The download of the object that `meta` describes, from a reply that was asked for at the same
/// time.
pub(crate) fn download(
    meta: ObjectMeta,
    generation: i64,
    asked: Option<Range<u64>>,
    reply: Result<Reply>,
) -> Result<Download> {
    let reply = match reply? {
        Reply::Whole(reply) => reply,
        Reply::Part(Some(reply)) => return part(meta, generation, reply),
        Reply::Part(None) => {
            let start = asked.map_or(0, |asked| asked.start);
            return match start >= meta.size {
                true => Ok(nothing(meta.clone(), meta.size)),
                false => Err(odd("get", "it has no bytes past its end")),
            };
        }
    };
    if reply.object().generation != generation {
        return Err(replaced());
    }
    let range = 0..meta.size;
    let body = exactly(meta.size, &meta.id.key, pieces(reply));
    Ok(Download { meta, range, body })
}

/// As much as the server says it is: all of it, where a range is ignored on the way. The layer above
/// passes over what it has.
fn part(meta: ObjectMeta, generation: i64, reply: Response) -> Result<Download> {
    let headers = reply.headers();
    let told = text(headers, "x-goog-generation").and_then(|told| told.parse().ok());
    let told: i64 = told.ok_or_else(|| odd("get", "it does not say of which generation it is"))?;
    if told != generation {
        return Err(replaced());
    }
    let range = match extent(headers)? {
        Some((held, size)) if size == meta.size => held,
        None if reply.status() == StatusCode::OK => 0..meta.size,
        other => {
            let what = format!("{other:?} of the {} bytes that it has", meta.size);
            return Err(odd("get", what));
        }
    };
    let body = reply.bytes_stream();
    let body = body.map(|piece| piece.map_err(|error| broken("get", error)));
    let body = exactly(range.end - range.start, &meta.id.key, body);
    Ok(Download { meta, range, body })
}

fn replaced() -> Error {
    let message = "the object was replaced while it was being opened; open it again";
    Error::new(ErrorKind::Unexpected, "get", message).retryable()
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
