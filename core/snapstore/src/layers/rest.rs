//! How a body goes on after it broke off.

use std::ops::Range;
use std::sync::Arc;

use crc_fast::{CrcAlgorithm, Digest};
use futures::TryStreamExt;

use super::extent::narrowed;
use crate::{ByteStream, Error, ErrorKind, Key, ObjectId, ObjectMeta, Result, Snapstore};

/// Where a body comes from, and what of it was handed on.
pub(super) struct Source {
    pub(super) store: Arc<dyn Snapstore>,
    pub(super) object: ObjectId,
    /// What it was when the body began.
    pub(super) meta: ObjectMeta,
    /// What was asked for, as it was asked.
    pub(super) asked: Option<Range<u64>>,
    /// The first byte of it.
    pub(super) start: u64,
    /// A checksum of what was handed on since `start`.
    pub(super) read: Digest,
}

/// The rest of a body.
pub(super) enum Rest {
    /// Here it is.
    Body(ByteStream),
    /// Another object has taken its place; how that was seen.
    Replaced(String),
}

/// A checksum of no bytes yet. It tells one object from another where nothing else does; it is no
/// protection against somebody who wants two to have the same.
pub(super) fn digest() -> Digest {
    Digest::new(CrcAlgorithm::Crc64Nvme)
}

impl Source {
    /// The body from `rest.start` on: of the same object by its tag or version, or of one whose
    /// beginning is byte for byte what was handed on already.
    pub(super) async fn reopen(&self, rest: Range<u64>) -> Result<Rest> {
        let download = self.store.get(&self.object, Some(rest.clone())).await?;
        if let Some(how) = self.differs(&download.meta) {
            return Ok(Rest::Replaced(how));
        }
        if is_same(&download.meta, &self.meta) {
            return Ok(Rest::Body(narrowed(download, Some(&rest))?.body));
        }
        if rest.start == self.start && is_written_anew(&download.meta, &self.meta) {
            return Ok(Rest::Replaced("it was written anew".to_owned()));
        }
        // Nodes of one store may have tags of their own, and some stores have none.
        drop(download);
        self.compare(rest).await
    }

    /// Reads it again from where it began.
    pub(super) async fn compare(&self, rest: Range<u64>) -> Result<Rest> {
        let asked = self.asked.clone();
        let download = self.store.get(&self.object, asked.clone()).await?;
        if let Some(how) = self.differs(&download.meta) {
            return Ok(Rest::Replaced(how));
        }
        let mut body = narrowed(download, asked.as_ref())?.body;
        let (mut left, mut again) = (rest.start - self.start, digest());
        let mut over = None;
        while left > 0 {
            let Some(mut piece) = body.try_next().await? else {
                return Err(ended_early(&self.object, left));
            };
            let more =
                piece.split_off(piece.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
            again.update(&piece);
            left -= piece.len() as u64;
            over = Some(more).filter(|more| !more.is_empty());
        }
        if again.finalize() != self.read.finalize() {
            let count = rest.start - self.start;
            let how = format!("the {count} bytes that had been read are others now");
            return Ok(Rest::Replaced(how));
        }
        let over = futures::stream::iter(over.map(Ok));
        Ok(Rest::Body(Box::pin(futures::StreamExt::chain(over, body))))
    }

    /// What shows that `now` is another object than the one whose body began.
    fn differs(&self, now: &ObjectMeta) -> Option<String> {
        if now.size != self.meta.size {
            let (size, before) = (now.size, self.meta.size);
            return Some(format!("it has {size} bytes now and had {before}"));
        }
        let version = |meta: &ObjectMeta| meta.id.version.clone();
        match (version(now), version(&self.meta)) {
            (Some(now), Some(before)) if now != before => {
                Some("it has another version now".to_owned())
            }
            _ => None,
        }
    }
}

/// Whether both are one object by what the store says. Where neither an etag nor a version is told,
/// nothing said tells another object of the same length from this one.
pub(super) fn is_same(a: &ObjectMeta, b: &ObjectMeta) -> bool {
    let told = a.etag.is_some() || a.id.version.is_some();
    told && a.size == b.size && a.etag == b.etag && a.id.version == b.id.version
}

/// Whether both its tag and its time tell another object. Needed where no byte was handed on, which could
/// be checked against what comes now.
fn is_written_anew(now: &ObjectMeta, before: &ObjectMeta) -> bool {
    fn differ<T: PartialEq>(now: Option<&T>, before: Option<&T>) -> bool {
        matches!((now, before), (Some(now), Some(before)) if now != before)
    }
    differ(now.etag.as_ref(), before.etag.as_ref())
        && differ(now.modified.as_ref(), before.modified.as_ref())
}

/// A body that ended before its time. Nothing is wrong with the object.
pub(super) fn ended_early(object: &ObjectId, missing: u64) -> Error {
    let message = format!("the body ended {missing} bytes early");
    let error = Error::new(ErrorKind::Unexpected, "get", message);
    error.with_key(&object.key).retryable()
}

/// Another object has taken the place of the one that was read.
pub(super) fn replaced(key: &Key, how: &str) -> Error {
    let message = format!("the object was replaced while it was being read ({how}); read it again");
    Error::new(ErrorKind::Unexpected, "get", message)
        .with_key(key)
        .retryable()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::FutureExt;

    use super::*;
    use crate::PutOptions;
    use crate::memory::MemoryStore;

    /// The source of a body of `b"halves"`, of which `read` was handed on.
    fn source(meta: impl Fn(ObjectMeta) -> ObjectMeta, read: &[u8]) -> Source {
        let store = MemoryStore::new();
        let key = Key::new("a").unwrap();
        let put = store.put(&key, Bytes::from_static(b"halves"), PutOptions::default());
        let mut handed = digest();
        handed.update(read);
        Source {
            meta: meta(put.now_or_never().unwrap().unwrap()),
            store: Arc::new(store),
            object: key.into(),
            asked: None,
            start: 0,
            read: handed,
        }
    }

    fn rest(source: &Source) -> Option<Vec<u8>> {
        let Rest::Body(body) = source.reopen(3..6).now_or_never().unwrap().unwrap() else {
            return None;
        };
        let pieces: Vec<Bytes> = body.try_collect().now_or_never().unwrap().unwrap();
        Some(pieces.concat())
    }

    /// A store without etags gave the second half of another object of the same length.
    #[test]
    fn a_body_goes_on_only_with_what_is_known_to_be_the_same() {
        assert_eq!(rest(&source(|meta| meta, b"hal")).unwrap(), b"ves");
        for tag in [None, Some("another".to_owned())] {
            let told = |meta: ObjectMeta| ObjectMeta {
                etag: tag.clone(),
                ..meta
            };
            assert_eq!(rest(&source(told, b"cal")), None);
        }
    }

    /// Each node of a cluster had its own tag for the same bytes, or none at all, and one broken
    /// connection ended the restore: "the object was replaced", which it was not.
    #[test]
    fn where_the_tag_does_not_tell_the_bytes_do() {
        for tag in [None, Some("another".to_owned())] {
            let told = |meta: ObjectMeta| ObjectMeta {
                etag: tag.clone(),
                ..meta
            };
            assert_eq!(rest(&source(told, b"hal")).unwrap(), b"ves");
        }
    }

    /// A body that broke off before its first byte went on with whatever had taken the object's place: no
    /// byte told that it was another. One round of the suite in fifty ended with "the body changed while it
    /// was read".
    #[test]
    fn nothing_of_a_body_is_of_another_object() {
        let from_the_start = |source: &Source| {
            let rest = source.reopen(0..6).now_or_never().unwrap().unwrap();
            matches!(rest, Rest::Body(_))
        };
        let told = |meta: ObjectMeta| ObjectMeta {
            etag: Some("another".to_owned()),
            ..meta
        };
        // A node with a tag of its own tells the same time.
        assert!(from_the_start(&source(told, b"")));
        let written = |meta| ObjectMeta {
            modified: Some(std::time::SystemTime::UNIX_EPOCH),
            ..told(meta)
        };
        assert!(!from_the_start(&source(written, b"")));
    }

    #[test]
    fn another_length_is_another_object() {
        let longer = |meta: ObjectMeta| ObjectMeta { size: 7, ..meta };
        assert_eq!(rest(&source(longer, b"hal")), None);
    }
}
