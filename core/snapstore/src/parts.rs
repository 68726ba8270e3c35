use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures::stream::Fuse;
use futures::{Stream, StreamExt, TryStreamExt};

use crate::Result;

/// A body that is cut into parts of one length; the last may be shorter.
pub(crate) struct Parts<S> {
    /// Asked again after its end, which not every stream takes.
    body: Pin<Box<Fuse<S>>>,
    part_size: usize,
    /// What came after the last part with its end.
    rest: Bytes,
}

impl<S: Stream<Item = Result<Bytes>>> Parts<S> {
    pub(crate) fn of(body: S, part_size: u64) -> Self {
        Self {
            body: Box::pin(body.fuse()),
            part_size: usize::try_from(part_size).unwrap_or(usize::MAX),
            rest: Bytes::new(),
        }
    }

    /// Whether bytes follow, of which as few as possible are asked for.
    pub(crate) async fn has_more(&mut self) -> Result<bool> {
        while self.rest.is_empty() {
            match self.body.try_next().await? {
                Some(piece) => self.rest = piece,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The next part; `None` after the last one. Dropping the future loses what it has read.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        if !self.has_more().await? {
            return Ok(None);
        }
        let first = self.cut(self.part_size);
        let is_whole = first.len() == self.part_size && self.rest.is_empty();
        if is_whole || !self.has_more().await? {
            return Ok(Some(first));
        }
        // In memory of just its size: a part that was cut out of something longer would keep all
        // of that alive until it has arrived.
        let mut part = BytesMut::with_capacity(self.part_size);
        part.extend_from_slice(&first);
        while part.len() < self.part_size && self.has_more().await? {
            let more = self.cut(self.part_size - part.len());
            part.extend_from_slice(&more);
        }
        Ok(Some(part.freeze()))
    }

    /// What there is of the next `length` bytes without asking for more.
    fn cut(&mut self, length: usize) -> Bytes {
        self.rest.split_to(length.min(self.rest.len()))
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    /// The end was asked for twice, and a body made of `stream::unfold` panicked in the upload of a
    /// snapshot.
    #[tokio::test]
    async fn a_body_that_has_ended_is_left_alone() {
        for length in [0, 3, 4, 5, 8] {
            let body = stream::unfold(length, |left| async move {
                (left > 0).then(|| (Ok(Bytes::from_static(b"x")), left - 1))
            });
            let mut parts = Parts::of(body, 4);
            let mut came = 0;
            while let Some(part) = parts.next().await.unwrap() {
                came += part.len();
                assert_eq!(parts.has_more().await.unwrap(), came < length);
            }
            assert!(!parts.has_more().await.unwrap());
            assert_eq!(came, length);
        }
    }
}
