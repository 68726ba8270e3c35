use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use futures::StreamExt;
use futures::future::{Either, select};
use futures::stream::unfold;

use super::deadline::{Watch, too_long};
use super::rate::Pace;
use crate::{ByteStream, Key, Result};

/// The silence that is too long counts this many waits, and the one during which the last piece came.
const WAITS: u32 = 4;

/// A body, and how long nothing has come.
///
/// One wait goes on over many pieces. With a timer for each piece a download changed threads twice as
/// often: a runtime that has no other timer wakes the thread that waits for the network, so that it
/// waits less long.
struct Listening {
    body: ByteStream,
    wait: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// Waits that have ended since the last piece.
    silent: u32,
    pace: Pace,
    watch: Watch,
    key: Key,
}

/// `body`, failing when it falls silent or trickles.
pub(super) fn watched(body: ByteStream, watch: Watch, key: Key) -> ByteStream {
    let listening = Listening {
        body,
        wait: None,
        silent: 0,
        pace: Pace::of(watch.least),
        watch,
        key,
    };
    Box::pin(unfold(Some(listening), |listening| async {
        let mut listening = listening?;
        let next = listening.next().await?;
        // Nothing comes after a failure.
        let listening = next.is_ok().then_some(listening);
        Some((next, listening))
    }))
}

impl Listening {
    async fn next(&mut self) -> Option<Result<Bytes>> {
        // What has come is handed on first: it may have been the last.
        if let Some(slow) = self.pace.fault() {
            return Some(Err(slow.with_key(&self.key)));
        }
        let asked = self.watch.clock.now();
        let piece = self.heard().await?;
        if let Ok(piece) = &piece {
            let waited = self.watch.clock.now().saturating_duration_since(asked);
            self.pace.count(piece.len() as u64, waited);
        }
        Some(piece)
    }

    /// The next piece, unless nothing comes for too long.
    async fn heard(&mut self) -> Option<Result<Bytes>> {
        loop {
            let wait = self.wait.get_or_insert_with(|| {
                let (clock, limit) = (self.watch.clock.clone(), self.watch.deadlines.silence);
                Box::pin(async move { clock.sleep(limit / WAITS).await })
            });
            if let Either::Left((piece, _)) = select(self.body.next(), wait).await {
                self.silent = 0;
                return piece;
            }
            self.wait = None;
            self.silent += 1;
            if self.silent > WAITS {
                let limit = self.watch.deadlines.silence;
                return Some(Err(too_long("get", limit).with_key(&self.key)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use futures::stream;
    use tokio::time::Instant;

    use super::*;
    use crate::clock::{Clock, SystemClock};
    use crate::layers::Deadlines;
    use crate::layers::rate::LeastRate;

    const LIMIT: u64 = 30;

    /// A body whose pieces come after so many seconds each.
    fn coming_after(seconds: Vec<u64>) -> ByteStream {
        let pieces = stream::iter(seconds).then(|seconds| async move {
            SystemClock.sleep(Duration::from_secs(seconds)).await;
            Ok(Bytes::from_static(b"x"))
        });
        let watch = Watch {
            deadlines: Deadlines {
                silence: Duration::from_secs(LIMIT),
                ..Deadlines::default()
            },
            least: LeastRate::default(),
            clock: Arc::new(SystemClock),
        };
        watched(Box::pin(pieces), watch, Key::new("v2/Full-1").unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_is_no_silent_one() {
        let mut body = coming_after(vec![LIMIT - 1; 3]);
        for _ in 0..3 {
            body.next().await.unwrap().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_given_up_after_the_limit_and_soon_after_it() {
        // Whenever in a wait the last piece came.
        for first in 0..LIMIT {
            let mut body = coming_after(vec![first, 10 * LIMIT]);
            body.next().await.unwrap().unwrap();
            let begun = Instant::now();
            let error = body.next().await.unwrap().unwrap_err();
            let silent = begun.elapsed();
            assert!(error.is_retryable());
            assert!(silent >= Duration::from_secs(LIMIT), "{first}: {silent:?}");
            let most = Duration::from_millis(1250 * LIMIT + 10);
            assert!(silent <= most, "{first}: {silent:?}");
            assert!(body.next().await.is_none());
        }
    }

    /// A server that sent a byte in every half minute held a restore for as long as it liked: it was never
    /// silent.
    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_given_up() {
        let mut body = coming_after(vec![LIMIT - 1; 1000]);
        let begun = Instant::now();
        let mut came = 0;
        let error = loop {
            match body.next().await.unwrap() {
                Ok(_) => came += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(came, 3, "all that came is handed on");
        assert!(error.is_retryable(), "{error}");
        assert!(error.message().contains("only 3 bytes"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(4 * LIMIT));
        assert!(body.next().await.is_none());
    }

    /// A disk that is slower than the network is not the network's fault.
    #[tokio::test(start_paused = true)]
    async fn the_time_that_a_reader_takes_does_not_count() {
        let mut body = coming_after(vec![1; 20]);
        for _ in 0..20 {
            SystemClock.sleep(Duration::from_secs(3 * LIMIT)).await;
            body.next().await.unwrap().unwrap();
        }
    }
}
