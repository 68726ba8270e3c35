//! A connection in the clear. A server that speaks TLS closes it before it has said a byte, or says in the first byte that
//! it speaks TLS; hyper knows no more of either than that the connection broke.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::alert::Heard;
use crate::tls_fault::TlsFault;

/// With this byte an alert of TLS begins (RFC 8446, section 5.1). A frame of HTTP/2 that began with it would have
/// more than a mebibyte.
const ALERT: u8 = 0x15;

/// What is said then.
const SPEAKS_TLS: &str = "it speaks TLS: write https:// in place of http://";

/// A connection whose first byte is looked at.
pub(super) struct InClear<T> {
    inner: T,
    heard: Heard,
    is_unheard: bool,
}

impl<T> InClear<T> {
    /// Forgets what was said on an earlier one.
    pub(super) fn new(inner: T, heard: Heard) -> Self {
        heard.forget();
        Self {
            inner,
            heard,
            is_unheard: true,
        }
    }

    fn began(&mut self, first: Option<u8>) {
        if !std::mem::take(&mut self.is_unheard) {
            return;
        }
        match first {
            Some(ALERT) => self.heard.tell(TlsFault::Spoken, SPEAKS_TLS.to_owned()),
            Some(_) => {}
            None => self.heard.closed_unheard(),
        }
    }
}

impl<T: AsyncRead + Unpin> InClear<T> {
    /// A write that fails may be the first that is seen of a connection that was closed: what was said before that is read, if
    /// it is still there.
    fn after_writing<R>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if self.is_unheard && matches!(written, Poll::Ready(Err(_))) {
            let mut first = [0];
            let mut buf = ReadBuf::new(&mut first);
            let read = Pin::new(&mut self.inner).poll_read(cx, &mut buf);
            let first = match read {
                Poll::Ready(Ok(())) => buf.filled().first().copied(),
                _ => None,
            };
            self.began(first);
        }
        written
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for InClear<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        match &read {
            Poll::Ready(Ok(())) => {
                let first = buf.filled().get(before).copied();
                self.began(first);
            }
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => {
                self.began(None);
            }
            _ => {}
        }
        read
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for InClear<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.after_writing(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.after_writing(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.after_writing(cx, written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::alert::Last;
    use tokio::io::AsyncWriteExt;

    /// A connection whose other side is gone: it is seen by whoever writes first, and by whoever reads first.
    struct Closed(Option<u8>);

    impl AsyncRead for Closed {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            match self.0.take() {
                Some(byte) => {
                    buf.put_slice(&[byte]);
                    Poll::Ready(Ok(()))
                }
                None => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            }
        }
    }

    impl AsyncWrite for Closed {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// One in seven questions in the clear to an etcd with TLS ended in "transport error", without what to write: the
    /// connection was closed before all of the question was written, and nobody read on.
    #[tokio::test]
    async fn a_write_that_fails_first_is_heard_as_well() {
        let written = async |first| {
            let heard = Heard::default();
            let mut connection = InClear::new(Closed(first), heard.clone());
            connection.write_all(b"PRI * HTTP/2.0").await.unwrap_err();
            heard.take()
        };
        assert_eq!(written(None).await, Some(Last::Nothing));
        let spoken = Last::Fault(TlsFault::Spoken, SPEAKS_TLS.to_owned());
        assert_eq!(written(Some(ALERT)).await, Some(spoken));
        // Whoever speaks HTTP/2 and closes then does not speak TLS.
        assert_eq!(written(Some(0)).await, None);
    }
}
