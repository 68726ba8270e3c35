//! A body that comes over several connections once one alone is slow.
//!
//! Clouds give a connection 50 to 100 MB/s, and a machine several times that. What is far away is read by ranges, several at
//! once, and handed on in order; what is near is read as ever, since parts would be copied for nothing.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::extent::narrowed;
use super::rest::{Rest, Source, digest, ended_early, is_same, replaced};
use crate::clock::Clock;
use crate::{ByteStream, Download, Error, ErrorKind, ObjectId, ObjectMeta, Result, Snapstore};

/// When a body is read over several connections, and how. Memory needed: `part` x `at_once`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widening {
    /// Bytes of a range.
    pub part: u64,
    /// Ranges on their way or waiting for their turn.
    pub at_once: usize,
    /// A connection that brings so many bytes a second is helped by no other.
    pub enough: u64,
}

impl Default for Widening {
    /// With 30 ms to the first byte of each range and 80 MB/s after it, four connections bring 270 MB/s.
    fn default() -> Self {
        Self {
            part: 12 << 20,
            at_once: 4,
            enough: 200_000_000,
        }
    }
}

/// `download`, a whole object that `store` has begun to send. As soon as it is waited for too much, the rest is asked for by
/// ranges. Two versions of an object are never mixed: each range must be of the same size, etag and version. Where the store
/// tells none of these, or sends no ranges, it stays one body; where tags do not tell (each node of a cluster has its own), it
/// becomes one again, which is compared with what was handed on already.
pub fn widen(
    store: Arc<dyn Snapstore>,
    download: Download,
    clock: Arc<dyn Clock>,
    widening: Widening,
) -> Download {
    let Download { meta, range, body } = download;
    let is_whole = range == (0..meta.size);
    if !is_whole || !is_same(&meta, &meta) || meta.size <= 2 * widening.part {
        return Download { meta, range, body };
    }
    let source = Source {
        store,
        object: meta.id.clone(),
        meta: meta.clone(),
        asked: None,
        start: 0,
        read: digest(),
    };
    let going = Going {
        source,
        clock,
        widening,
        rest: range.clone(),
        way: Way::One(body),
        ready: VecDeque::new(),
        window: Window::default(),
    };
    let body = stream::unfold(Some(going), async |going| {
        let mut going = going?;
        let piece = going.next().await.transpose()?;
        // Nothing comes after an error.
        let going = piece.is_ok().then_some(going);
        Some((piece, going))
    });
    Download {
        meta,
        range,
        body: Box::pin(body),
    }
}

/// How the rest of a body comes.
enum Way {
    /// In one stream, which may become several.
    One(ByteStream),
    /// In several.
    Many(BoxStream<'static, Result<Part>>),
    /// In one for good.
    OnlyOne(ByteStream),
}

/// A range of an object.
enum Part {
    Pieces(Vec<Bytes>),
    /// What came is not known to be of the object, or is not the range.
    Unsuited,
}

/// What came since it was last looked at.
#[derive(Debug, Default)]
struct Window {
    bytes: u64,
    waited: Duration,
}

struct Going {
    source: Source,
    clock: Arc<dyn Clock>,
    widening: Widening,
    /// What is still to be handed on.
    rest: Range<u64>,
    way: Way,
    /// Came, and was not handed on yet.
    ready: VecDeque<Bytes>,
    window: Window,
}

impl Going {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while !self.rest.is_empty() {
            if let Some(piece) = self.ready.pop_front() {
                self.source.read.update(&piece);
                self.rest.start += piece.len() as u64;
                return Ok(Some(piece));
            }
            self.fill().await?;
        }
        Ok(None)
    }

    /// Waits until something is ready.
    async fn fill(&mut self) -> Result<()> {
        match &mut self.way {
            Way::OnlyOne(body) => {
                let piece = body.next().await.transpose()?;
                self.take(piece)
            }
            Way::One(body) => {
                let asked = self.clock.now();
                let piece = body.next().await.transpose()?;
                let waited = self.clock.now().saturating_duration_since(asked);
                self.take(piece)?;
                self.look(waited);
                Ok(())
            }
            Way::Many(parts) => match parts.next().await.transpose()? {
                Some(Part::Pieces(pieces)) => {
                    self.ready.extend(pieces);
                    Ok(())
                }
                Some(Part::Unsuited) => self.narrow().await,
                None => self.take(None),
            },
        }
    }

    /// The next piece of one stream. Its end is none while something is missing.
    fn take(&mut self, piece: Option<Bytes>) -> Result<()> {
        let left = self.rest.end - self.rest.start;
        match piece {
            Some(piece) if piece.len() as u64 <= left => {
                self.ready.push_back(piece);
                Ok(())
            }
            Some(_) => {
                let message = "more bytes came than the object has";
                let error = Error::new(ErrorKind::Unexpected, "get", message);
                Err(error.with_key(&self.source.object.key).retryable())
            }
            None => Err(ended_early(&self.source.object, left)),
        }
    }

    /// Whether one stream is too slow.
    fn look(&mut self, waited: Duration) {
        let came: u64 = self.ready.iter().map(|piece| piece.len() as u64).sum();
        self.window.bytes += came;
        self.window.waited += waited;
        if self.window.bytes < self.widening.part {
            return;
        }
        let window = std::mem::take(&mut self.window);
        let enough = window.bytes as f64 / self.widening.enough.max(1) as f64;
        let at = self.rest.start + came;
        let is_long = self.rest.end - at > self.widening.part;
        if window.waited.as_secs_f64() > enough
            && is_long
            && let Way::One(body) =
                std::mem::replace(&mut self.way, Way::Many(stream::empty().boxed()))
        {
            self.way = Way::Many(self.parts(at, body));
        }
    }

    /// What comes from `at` on: a part of the stream that runs already, and ranges beside it.
    fn parts(&self, at: u64, running: ByteStream) -> BoxStream<'static, Result<Part>> {
        let (end, part) = (self.rest.end, self.widening.part.max(1));
        let first = at..end.min(at + part);
        let (store, object) = (self.source.store.clone(), self.source.object.clone());
        let meta = self.source.meta.clone();
        let length = usize::try_from(part).unwrap_or(usize::MAX);
        let ranges = (first.end..end)
            .step_by(length)
            .map(move |start| start..end.min(start + part));
        let ranges = ranges
            .map(move |range| ranged(store.clone(), object.clone(), meta.clone(), range).boxed());
        let object = self.source.object.clone();
        let beginning = async move { gathered(&object, running, first).await }.boxed();
        let all: [BoxFuture<'static, Result<Part>>; 1] = [beginning];
        stream::iter(all.into_iter().chain(ranges))
            .buffered(self.widening.at_once.max(1))
            .boxed()
    }

    /// Goes on in one stream, which is compared with what was handed on.
    async fn narrow(&mut self) -> Result<()> {
        // Its connections end before another begins.
        self.way = Way::Many(stream::empty().boxed());
        match self.source.compare(self.rest.clone()).await? {
            Rest::Body(body) => {
                self.way = Way::OnlyOne(body);
                Ok(())
            }
            Rest::Replaced(how) => Err(replaced(&self.source.object.key, &how)),
        }
    }
}

/// A range of the object that `meta` tells of.
async fn ranged(
    store: Arc<dyn Snapstore>,
    object: ObjectId,
    meta: ObjectMeta,
    range: Range<u64>,
) -> Result<Part> {
    let download = store.get(&object, Some(range.clone())).await?;
    // A server that ignores ranges sends all of it, each time.
    if !is_same(&download.meta, &meta) || download.range != range {
        return Ok(Part::Unsuited);
    }
    let body = narrowed(download, Some(&range))?.body;
    gathered(&object, body, range).await
}

/// The bytes of `range`, with which `body` begins.
async fn gathered(object: &ObjectId, mut body: ByteStream, range: Range<u64>) -> Result<Part> {
    let mut left = range.end - range.start;
    let mut pieces = Vec::new();
    while left > 0 {
        let Some(mut piece) = body.try_next().await? else {
            return Err(ended_early(object, left));
        };
        piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        left -= piece.len() as u64;
        pieces.push(piece);
    }
    Ok(Part::Pieces(pieces))
}

#[cfg(test)]
#[path = "wide_tests.rs"]
mod tests;
