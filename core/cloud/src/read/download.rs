use std::ops::Range;

use futures::StreamExt;
use reqwest::Response;
use snapstore::{Download, ObjectMeta};

use super::exactly;
use crate::http::broken;

/// The bytes `range` of the object that `meta` describes, which `reply` brings.
pub fn download(reply: Response, meta: ObjectMeta, range: Range<u64>) -> Download {
    let pieces = reply.bytes_stream();
    let pieces = pieces.map(|piece| piece.map_err(|error| broken("get", error)));
    let body = exactly(range.end - range.start, &meta.id.key, pieces);
    Download { meta, range, body }
}

/// No bytes of an object that is there, which HTTP cannot ask for: those at `start`, or at its end.
pub fn nothing(meta: ObjectMeta, start: u64) -> Download {
    let at = start.min(meta.size);
    let body = exactly(0, &meta.id.key, futures::stream::empty());
    let range = at..at;
    Download { meta, range, body }
}
