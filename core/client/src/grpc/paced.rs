//! Reading that rests. etcd writes a message of a watch as soon as there is an event: at 15,000 puts a second a
//! reader that is woken for each spends more of a core on being woken than on the events, and takes it from
//! the etcd beside it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How long what arrives is left to gather in the kernel: an event is seen so much later at most.
const REST: Duration = Duration::from_millis(2);

/// A connection that is read to its end at most once each [`REST`].
pub(super) struct Paced<T> {
    inner: T,
    rest: Interval,
    /// The last read left nothing in the kernel.
    is_drained: bool,
}

impl<T> Paced<T> {
    /// To be called within a runtime.
    pub(super) fn new(inner: T) -> Self {
        let mut rest = interval(REST);
        rest.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            inner,
            rest,
            is_drained: false,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Paced<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_drained {
            ready!(self.rest.poll_tick(cx));
            self.is_drained = false;
        }
        let room = buf.remaining();
        let read = ready!(Pin::new(&mut self.inner).poll_read(cx, buf));
        self.is_drained = buf.remaining() > 0 && buf.remaining() < room;
        Poll::Ready(read)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Paced<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use futures::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::advance;

    /// Following etcd at 17,000 puts a second cost 16 us of CPU an event, of which 11 were the kernel's, most of them to wake
    /// somebody for one event.
    #[tokio::test(start_paused = true)]
    async fn what_arrives_in_small_pieces_is_read_together() {
        let (mut etcd, ours) = duplex(1024);
        let mut ours = Paced::new(ours);
        let mut bytes = [0; 64];
        etcd.write_all(b"a").await.unwrap();
        assert_eq!(ours.read(&mut bytes).await.unwrap(), 1);
        // Whoever comes after a silence is read at once, and the next one then has to wait.
        etcd.write_all(b"b").await.unwrap();
        assert_eq!(ours.read(&mut bytes).now_or_never().unwrap().unwrap(), 1);
        for _ in 0..10 {
            etcd.write_all(b"c").await.unwrap();
            assert!(ours.read(&mut bytes).now_or_never().is_none());
        }
        advance(REST).await;
        assert_eq!(ours.read(&mut bytes).await.unwrap(), 10);
    }

    /// A rest after each read of a buffer would be a limit on the bytes of a second.
    #[tokio::test(start_paused = true)]
    async fn what_does_not_fit_into_the_buffer_is_read_without_a_rest() {
        let (mut etcd, ours) = duplex(1 << 20);
        let mut ours = Paced::new(ours);
        etcd.write_all(&vec![7; 100_000]).await.unwrap();
        let mut bytes = [0; 1000];
        for _ in 0..100 {
            assert_eq!(ours.read(&mut bytes).now_or_never().unwrap().unwrap(), 1000);
        }
        assert!(ours.read(&mut bytes).now_or_never().is_none());
        drop(etcd);
        assert_eq!(ours.read(&mut bytes).await.unwrap(), 0);
    }
}
