//! A connection to which somebody must read what they asked for: one who does not would hold it for ever.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::future::BoxFuture;
use snapstore::clock::Clock;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Fails to write when nothing of it could be written for so long.
pub(super) struct Unstalled<S> {
    stream: S,
    clock: Arc<dyn Clock>,
    longest: Duration,
    /// While the other side takes nothing.
    waiting: Option<BoxFuture<'static, ()>>,
}

impl<S> Unstalled<S> {
    pub(super) fn new(stream: S, clock: Arc<dyn Clock>, longest: Duration) -> Self {
        Self {
            stream,
            clock,
            longest,
            waiting: None,
        }
    }

    /// What came of writing, unless it has waited for too long.
    fn judged<T>(&mut self, wrote: Poll<Result<T>>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        if wrote.is_ready() {
            self.waiting = None;
            return wrote;
        }
        let (clock, longest) = (&self.clock, self.longest);
        let waiting = self.waiting.get_or_insert_with(|| {
            let clock = clock.clone();
            Box::pin(async move { clock.sleep(longest).await })
        });
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(Error::new(
            ErrorKind::TimedOut,
            "the other side does not read",
        )))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unstalled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judged(wrote, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.judged(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.judged(shut, cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unstalled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore::clock::SystemClock;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    fn unstalled(bytes: usize) -> (Unstalled<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (ours, theirs) = duplex(bytes);
        let longest = Duration::from_secs(30);
        (Unstalled::new(ours, Arc::new(SystemClock), longest), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_left() {
        let (mut ours, _theirs) = unstalled(4);
        let began = SystemClock.now();
        let error = ours.write_all(b"too much for it").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(SystemClock.now() - began, Duration::from_secs(30));
    }

    /// It is no deadline for the whole: whoever reads slowly gets all of it.
    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_gets_all_of_it() {
        let (mut ours, mut theirs) = unstalled(4);
        let reading = tokio::spawn(async move {
            let mut came = Vec::new();
            while came.len() < 40 {
                SystemClock.sleep(Duration::from_secs(20)).await;
                let mut part = [0; 4];
                let bytes = theirs.read(&mut part).await.unwrap();
                came.extend_from_slice(&part[..bytes]);
            }
            came
        });
        ours.write_all(&[7; 40]).await.unwrap();
        assert_eq!(reading.await.unwrap(), [7; 40]);
    }
}
