//! An HTTP/1.1 server of ours, on a runtime of its own: it serves whoever asks, from whatever
//! runtime or none, and is gone when it is dropped.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A body on its way, which may break off.
pub(crate) type Body = UnsyncBoxBody<Bytes, BrokenOff>;

/// A connection ends here, in the middle of what it carried.
#[derive(Debug)]
pub(crate) struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is broken off")
    }
}

impl std::error::Error for BrokenOff {}

impl From<Infallible> for BrokenOff {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<hyper::Error> for BrokenOff {
    fn from(_: hyper::Error) -> Self {
        Self
    }
}

/// Decides how a connection ends: with a reset, once it was pulled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plug(Arc<AtomicBool>);

impl Plug {
    /// The connection ends with a reset (RST) and not with an end of stream (FIN), when it ends.
    pub(crate) fn pull(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What answers one request.
pub(crate) trait Handler: Clone + Send + Sync + 'static {
    /// An error ends the connection without an answer.
    fn handle(
        &self,
        request: Request<Incoming>,
        plug: Plug,
    ) -> impl Future<Output = Result<Response<Body>, BrokenOff>> + Send;
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Loopback {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Loopback {
    /// A free port of the loopback.
    pub(crate) const ANYWHERE: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    /// Takes connections at once. The handler is told the address, which it may want to tell others.
    pub(crate) fn serve<H: Handler>(
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        handler: impl FnOnce(SocketAddr) -> H,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("loopback")
            .enable_all()
            .build()?;
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let handler = handler(address);
        let entered = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(entered);
        runtime.spawn(async move {
            loop {
                // What fails is a client that has left already.
                let Ok((stream, _)) = listener.accept().await else {
                    continue;
                };
                tokio::spawn(converse(stream, tls.clone(), handler.clone()));
            }
        });
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Not by waiting: it may be dropped where nobody may wait.
            runtime.shutdown_background();
        }
    }
}

/// Serves one connection to its end, however it ends.
async fn converse<H: Handler>(stream: TcpStream, tls: Option<TlsAcceptor>, handler: H) {
    let plug = Plug::default();
    // Or small answers wait for the acknowledgement of what was sent before.
    let _ = stream.set_nodelay(true);
    let socket = Socket {
        stream,
        plug: plug.clone(),
    };
    let service = service_fn(move |request| {
        let (handler, plug) = (handler.clone(), plug.clone());
        async move { handler.handle(request, plug).await }
    });
    let mut http = http1::Builder::new();
    http.preserve_header_case(true);
    let _ = match tls {
        None => http.serve_connection(TokioIo::new(socket), service).await,
        Some(tls) => match tls.accept(socket).await {
            Ok(socket) => http.serve_connection(TokioIo::new(socket), service).await,
            Err(_) => return,
        },
    };
}

/// A connection that ends as its plug says.
struct Socket {
    stream: TcpStream,
    plug: Plug,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.plug.0.load(Ordering::Relaxed) {
            // A close that does not linger is a reset (socket(7), SO_LINGER).
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
