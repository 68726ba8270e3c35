//! What happens to a body on its way.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use snapstore::clock::{Clock, SystemClock};

use crate::loopback::{Body, BrokenOff};

/// A slow body passes in pieces of this size, in bytes: small enough to flow evenly.
const PIECE: usize = 16 << 10;

/// How long the pieces before a break have to leave the machine; they would be lost with the
/// connection otherwise.
const BEFORE_THE_BREAK: Duration = Duration::from_millis(50);

/// How a body goes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    /// In bytes a second.
    pub(super) rate: Option<u64>,
    pub(super) end: End,
    /// The byte, counted from 0, that does not arrive as it was sent.
    pub(super) damage: Option<u64>,
}

/// How it ends.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum End {
    /// As it was sent.
    #[default]
    Whole,
    /// After so many bytes nothing comes any more.
    Stall(u64),
    /// After so many bytes the connection ends.
    Break(u64),
    /// After so many bytes, as if that were all.
    Stop(u64),
}

impl End {
    fn at(self) -> u64 {
        match self {
            Self::Whole => u64::MAX,
            Self::Stall(at) | Self::Break(at) | Self::Stop(at) => at,
        }
    }
}

struct Passage {
    body: Incoming,
    shape: Shape,
    passed: u64,
    /// When it began to pass.
    began: Instant,
    /// Came, and was not passed on yet.
    rest: Bytes,
}

/// `body`, as it goes under `shape`.
pub(super) fn shape(body: Incoming, shape: Shape) -> Body {
    let untouched =
        shape.rate.is_none() && shape.damage.is_none() && matches!(shape.end, End::Whole);
    if untouched || body.is_end_stream() {
        return body.map_err(BrokenOff::from).boxed_unsync();
    }
    let passage = Passage {
        body,
        shape,
        passed: 0,
        began: SystemClock.now(),
        rest: Bytes::new(),
    };
    let pieces = stream::unfold(Some(passage), |passage| async {
        let mut passage = passage?;
        let piece = passage.next().await?;
        // Nothing comes after a break.
        let passage = piece.is_ok().then_some(passage);
        Some((piece, passage))
    });
    StreamBody::new(pieces).boxed_unsync()
}

impl Passage {
    async fn next(&mut self) -> Option<Result<Frame<Bytes>, BrokenOff>> {
        let room = self.shape.end.at() - self.passed;
        if room == 0 {
            return self.end().await;
        }
        if self.rest.is_empty() {
            match self.body.frame().await?.map(Frame::into_data) {
                Ok(Ok(data)) => self.rest = data,
                Ok(Err(other)) => return Some(Ok(other)),
                Err(error) => return Some(Err(error.into())),
            }
        }
        let most = usize::try_from(room).unwrap_or(usize::MAX);
        let most = most.min(self.rest.len());
        let piece = match self.shape.rate {
            None => self.rest.split_to(most),
            Some(rate) => {
                let piece = self.rest.split_to(most.min(PIECE));
                // By when it may pass, and not how long after the last one: timers wake late, and that would add up.
                let passed = (self.passed + piece.len() as u64) as f64;
                let due = Duration::from_secs_f64(passed / rate.max(1) as f64);
                let early = due.saturating_sub(SystemClock.now().duration_since(self.began));
                if !early.is_zero() {
                    SystemClock.sleep(early).await;
                }
                piece
            }
        };
        let piece = self.damaged(piece);
        self.passed += piece.len() as u64;
        Some(Ok(Frame::data(piece)))
    }

    /// `piece`, the next to pass, with the damaged byte if that is in it.
    fn damaged(&self, piece: Bytes) -> Bytes {
        let at = self.shape.damage.and_then(|at| at.checked_sub(self.passed));
        let at = at.and_then(|at| usize::try_from(at).ok());
        let Some(at) = at.filter(|at| *at < piece.len()) else {
            return piece;
        };
        let mut piece = piece.to_vec();
        piece[at] ^= 1;
        piece.into()
    }

    async fn end(&self) -> Option<Result<Frame<Bytes>, BrokenOff>> {
        match self.shape.end {
            End::Stall(_) => std::future::pending().await,
            End::Break(_) => {
                SystemClock.sleep(BEFORE_THE_BREAK).await;
                Some(Err(BrokenOff))
            }
            End::Whole | End::Stop(_) => None,
        }
    }
}
