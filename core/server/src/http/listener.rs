//! The accept loop: which connections are taken, and for how long.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use snapstore::clock::Clock;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::peer::{Peer, Shown};
use super::service::Service;
use super::slots::Slots;
use super::stalled::Unstalled;
use super::tls::Certificates;
use crate::error::{Error, Result};
use crate::settings::{Limits, Listen};

/// The least that hyper takes for a buffer.
const LEAST_BUFFER: usize = 8192;

/// After a connection could not be accepted, as when files are used up.
const AFTER_FAULT: Duration = Duration::from_millis(100);

/// How connections end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Closing {
    /// None is accepted any more, and each ends after the answer that is under way.
    pub(crate) gently: CancellationToken,
    /// Each ends at once.
    pub(crate) now: CancellationToken,
    pub(crate) connections: TaskTracker,
    /// What works beside them.
    pub(crate) loops: TaskTracker,
}

/// Opens the socket.
///
/// Errors: [`Error::Listen`] for an address that is taken.
pub(crate) async fn bind(listen: Listen) -> Result<TcpListener> {
    let at = |address: SocketAddr| async move {
        let bound = TcpListener::bind(address).await;
        bound.map_err(|why| Error::Listen { address, why })
    };
    match listen {
        Listen::At(address) => at(address).await,
        Listen::Port(port) => {
            let both = at((IpAddr::from(Ipv6Addr::UNSPECIFIED), port).into()).await;
            match both {
                // A machine without IPv6. A port that is taken is so there, too.
                Err(Error::Listen { why, .. }) if has_no_ipv6(&why) => {
                    at((IpAddr::from(Ipv4Addr::UNSPECIFIED), port).into()).await
                }
                bound => bound,
            }
        }
    }
}

fn has_no_ipv6(why: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let errno = why.raw_os_error().map(Errno::from_raw_os_error);
    matches!(errno, Some(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL))
}

pub(crate) struct Listener {
    pub(crate) service: Service,
    /// Without them it speaks plain HTTP.
    pub(crate) certificates: Option<Arc<Certificates>>,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Listener {
    /// Takes connections until it is told to close.
    pub(crate) async fn accept(self, socket: TcpListener, closing: Closing) {
        let this = Arc::new(self);
        let slots = Slots::new(&this.limits);
        while let Some(accepted) = closing.gently.run_until_cancelled(socket.accept()).await {
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    this.clock.sleep(AFTER_FAULT).await;
                    continue;
                }
            };
            let Some(slot) = slots.take(address.ip()) else {
                tracing::debug!(%address, "too many connections: this one is closed");
                continue;
            };
            let (this, until) = (this.clone(), closing.clone());
            closing.connections.spawn(async move {
                this.converse(stream, address, until).await;
                drop(slot);
            });
        }
    }

    async fn converse(&self, stream: TcpStream, address: SocketAddr, closing: Closing) {
        // Answers are small, and somebody waits for them.
        let _ = stream.set_nodelay(true);
        let peer = |shown| Peer {
            // As it is written in a log: an address of IPv4 may come inside of one of IPv6.
            address: address.ip().to_canonical(),
            shown,
        };
        let Some(certificates) = &self.certificates else {
            return self.serve(stream, peer(Shown::Nothing), closing).await;
        };
        let handshake = TlsAcceptor::from(certificates.current()).accept(stream);
        let deadline = self.clock.sleep(self.limits.header_timeout);
        let stream = match select(handshake, deadline).await {
            Either::Left((Ok(stream), _)) => stream,
            Either::Left((Err(error), _)) => {
                tracing::debug!(%address, "TLS: {error}");
                return;
            }
            Either::Right(_) => return,
        };
        // They were verified in the handshake, and asked for only where triggers want one.
        let shown = match stream.get_ref().1.peer_certificates() {
            Some(_) => Shown::Certificate,
            None => Shown::Nothing,
        };
        self.serve(stream, peer(shown), closing).await;
    }

    async fn serve<S>(&self, stream: S, peer: Peer, closing: Closing)
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let answer = service_fn(|request| self.service.answer(peer, request));
        let bytes = self.limits.header_bytes;
        let stream = Unstalled::new(stream, self.clock.clone(), self.limits.write_timeout);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_header_size(bytes)
            .max_buf_size(bytes.max(LEAST_BUFFER))
            .serve_connection(TokioIo::new(stream), answer);
        let mut connection = std::pin::pin!(connection);
        let gently = closing.gently.run_until_cancelled(connection.as_mut());
        if gently.await.is_none() {
            connection.as_mut().graceful_shutdown();
            closing.now.run_until_cancelled(connection).await;
        }
    }
}
