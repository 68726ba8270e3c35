use std::io;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::alert::{Heard, Listening};
use super::in_clear::InClear;
use super::paced::Paced;
use crate::config::Tls;
use crate::endpoint::{Endpoint, Scheme};
use crate::error::{Error, ErrorKind, Result};
use crate::tls::{refused, settings, words};
use crate::tls_fault::TlsFault;

/// For what a connection is used: each has its own, so that a watch does not wait for a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Questions and snapshots.
    Bulk,
    /// Watches.
    Watch,
}

/// What bytes go over.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection to `endpoint`, secured if it says so. The files of `tls` are read now;
/// what TLS says against them later is `heard`.
pub(super) async fn connect(
    (endpoint, used): (Endpoint, Use),
    tls: Arc<Tls>,
    heard: Heard,
) -> Result<TokioIo<Box<dyn Io>>> {
    let unreachable = |error: io::Error| {
        let message = words(&error);
        let error = Error::new(ErrorKind::Unreachable, "connect", message).with_source(error);
        error.at(&endpoint)
    };
    let address = (endpoint.host(), endpoint.port());
    let tcp = TcpStream::connect(address).await.map_err(unreachable)?;
    tcp.set_nodelay(true).map_err(unreachable)?;
    // Below TLS: a read of a record leaves others of the same message behind.
    let tcp: Box<dyn Io> = match used {
        Use::Bulk => Box::new(tcp),
        Use::Watch => Box::new(Paced::new(tcp)),
    };
    if endpoint.scheme() == Scheme::Clear {
        return Ok(TokioIo::new(Box::new(InClear::new(tcp, heard))));
    }
    let name = ServerName::try_from(endpoint.host().to_owned()).map_err(|error| {
        let message = format!("no name of a server: {error}");
        Error::new(ErrorKind::Config, "connect", message).at(&endpoint)
    })?;
    let connector = TlsConnector::from(settings(&tls).await.map_err(|e| e.at(&endpoint))?);
    let secured = connector.connect(name, tcp).await;
    let secured = secured.map_err(|error| untrusted(&endpoint, error))?;
    if secured.get_ref().1.alpn_protocol() != Some(b"h2") {
        let message = "it does not speak HTTP/2 over TLS, as etcd does: is it something else?";
        let error = Error::new(ErrorKind::Tls, "connect", message).with_tls(TlsFault::NotHttp2);
        return Err(error.at(&endpoint));
    }
    Ok(TokioIo::new(Box::new(Listening::new(secured, heard))))
}

/// How a connection ends that the other side has closed.
const CLOSED: [io::ErrorKind; 3] = [
    io::ErrorKind::UnexpectedEof,
    io::ErrorKind::ConnectionReset,
    io::ErrorKind::BrokenPipe,
];

fn untrusted(endpoint: &Endpoint, error: io::Error) -> Error {
    let told = match refused(&error) {
        Some((fault @ TlsFault::NotSpoken, words)) => {
            let message =
                format!("it does not speak TLS: write http:// in place of https:// ({words})");
            Error::new(ErrorKind::Tls, "connect", message).with_tls(fault)
        }
        // Which of them comes is a matter of time: what was not read yet makes a close a reset.
        None if CLOSED.contains(&error.kind()) => {
            let message = format!(
                "it closed the connection in the middle of the handshake of TLS; if it speaks no TLS, write http:// in \
                 place of https:// ({})",
                words(&error)
            );
            Error::new(ErrorKind::Unreachable, "connect", message)
        }
        Some((fault, words)) => Error::new(ErrorKind::Tls, "connect", words).with_tls(fault),
        None => Error::new(ErrorKind::Unreachable, "connect", words(&error)),
    };
    told.at(endpoint).with_source(error)
}
