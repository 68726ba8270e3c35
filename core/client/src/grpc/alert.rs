//! What the other side says against our certificate. With TLS 1.3 it says so after the handshake, when the
//! connection stands already; hyper knows no more of it than that what was asked is canceled.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::tls::refused;
use crate::tls_fault::TlsFault;

/// What was heard last on the connections of a channel.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard(Arc<Mutex<Option<Last>>>);

/// What that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Last {
    /// A fault of TLS, in these words.
    Fault(TlsFault, String),
    /// A connection in the clear was closed before a byte came.
    Nothing,
}

impl Heard {
    /// What was said since it was asked last, or since the last connection was made.
    pub(super) fn take(&self) -> Option<Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A connection is made: what was said on an earlier one counts no more.
    pub(super) fn forget(&self) {
        self.take();
    }

    /// The other side has this to say.
    pub(super) fn tell(&self, fault: TlsFault, words: String) {
        self.keep(Last::Fault(fault, words));
    }

    /// The other side had nothing to say.
    pub(super) fn closed_unheard(&self) {
        self.keep(Last::Nothing);
    }

    fn keep(&self, last: Last) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }

    fn note(&self, error: &io::Error) {
        if let Some((fault, words)) = refused(error) {
            self.tell(fault, words);
        }
    }
}

/// A connection whose errors are heard.
pub(super) struct Listening<T> {
    inner: T,
    heard: Heard,
    /// Why it cannot be written to.
    broken: Option<io::Error>,
}

impl<T> Listening<T> {
    /// Forgets what was said on an earlier one.
    pub(super) fn new(inner: T, heard: Heard) -> Self {
        heard.forget();
        Self {
            inner,
            heard,
            broken: None,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Listening<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Poll::Ready(Err(error)) = &read {
            self.heard.note(error);
        }
        read
    }
}

impl<T: AsyncRead + Unpin> Listening<T> {
    /// A connection that cannot be written to was closed by the other side, whose reason may still have to be
    /// read: the error of the write is kept until reading has come to its end.
    fn after_reading<R>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        let Poll::Ready(Err(broken)) = written else {
            return written;
        };
        let mut scrap = [0; 1024];
        loop {
            let mut buf = ReadBuf::new(&mut scrap);
            match Pin::new(&mut self.inner).poll_read(cx, &mut buf) {
                Poll::Pending => {
                    self.broken = Some(broken);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {}
                Poll::Ready(Ok(())) => return Poll::Ready(Err(broken)),
                Poll::Ready(Err(error)) => {
                    self.heard.note(&error);
                    return Poll::Ready(Err(broken));
                }
            }
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Listening<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match self.broken.take() {
            Some(broken) => Poll::Ready(Err(broken)),
            None => Pin::new(&mut self.inner).poll_write(cx, buf),
        };
        self.after_reading(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = match self.broken.take() {
            Some(broken) => Poll::Ready(Err(broken)),
            None => Pin::new(&mut self.inner).poll_flush(cx),
        };
        self.after_reading(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
