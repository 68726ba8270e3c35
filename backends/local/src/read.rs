use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use futures::StreamExt;
use snapstore::{ByteStream, Download, Error, ErrorKind, Key, Result};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use crate::error::from_io;
use crate::files::{blocking, describe};

/// Bytes read from the disk at once.
const PIECE: usize = 256 * 1024;

/// The bytes of `range`, or all, of the object `key`, which is the file `path`.
pub(crate) async fn get(path: PathBuf, key: Key, range: Option<Range<u64>>) -> Result<Download> {
    let (at, name) = (path.clone(), key.clone());
    let (file, meta, range) = blocking("get", Some(&key), &at, move || {
        let mut file = File::open(&path)?;
        // Of the open file, not of the path: another may have taken the name by now.
        let meta = describe(&name, &file.metadata()?)?.ok_or(io::ErrorKind::NotFound)?;
        let range = range.unwrap_or(0..meta.size);
        let end = range.end.min(meta.size);
        let start = range.start.min(end);
        file.seek(SeekFrom::Start(start))?;
        Ok((file, meta, start..end))
    })
    .await?;
    let body = body(file, range.clone(), key, at);
    Ok(Download { meta, range, body })
}

/// The bytes of `range`; a file that ends before it is damage, not an end.
fn body(file: File, range: Range<u64>, key: Key, path: PathBuf) -> ByteStream {
    let length = range.end - range.start;
    let limited = tokio::fs::File::from_std(file).take(length);
    let mut seen = 0;
    let pieces = ReaderStream::with_capacity(limited, PIECE).map(move |piece| piece.map(Some));
    let with_end = pieces.chain(futures::stream::iter([Ok(None)]));
    Box::pin(with_end.filter_map(move |piece| {
        let item = match piece {
            Ok(Some(bytes)) => {
                seen += bytes.len() as u64;
                Some(Ok(bytes))
            }
            Ok(None) if seen < length => {
                let message = format!("the file ended after {seen} of {length} bytes");
                Some(Err(
                    Error::new(ErrorKind::Corrupt, "get", message).with_key(&key)
                ))
            }
            Ok(None) => None,
            Err(cause) => Some(Err(from_io("get", Some(&key), &path, cause))),
        };
        futures::future::ready(item)
    }))
}
