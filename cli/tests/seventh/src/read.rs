use std::ops::Range;

use snapstore::{Download, Key, ObjectMeta};
use snapstore_cloud::read::exactly;

use crate::sdk::Blob;

/// What the depot says of an object.
pub(crate) fn described(key: &Key, blob: &Blob) -> ObjectMeta {
    ObjectMeta {
        id: key.clone().into(),
        size: blob.bytes.len() as u64,
        modified: Some(blob.written),
        etag: Some(blob.etag.to_string()),
        retain_until: None,
        excluded: false,
        delete_marker: false,
    }
}

/// The bytes of `range`, or all.
pub(crate) fn get(key: &Key, blob: &Blob, range: Option<Range<u64>>) -> Download {
    let meta = described(key, blob);
    let range = range.unwrap_or(0..meta.size);
    let end = range.end.min(meta.size);
    let range = range.start.min(end)..end;
    let piece = blob.bytes.slice(range.start as usize..range.end as usize);
    let pieces = futures::stream::iter((!piece.is_empty()).then_some(Ok(piece)));
    let body = exactly(range.end - range.start, key, pieces);
    Download { meta, range, body }
}
