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

impl<T: AsyncWrite + Unpin> AsyncWrite for InClear<T> {
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

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }
}
