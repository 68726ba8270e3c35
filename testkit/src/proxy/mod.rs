//! A reverse proxy between a client and a server, on the loopback, that fails on demand.
//!
//! ```no_run
//! use testkit::proxy::{Fault, Match, Proxy};
//!
//! # fn main() -> std::io::Result<()> {
//! let proxy = Proxy::start("http://127.0.0.1:9000")?;
//! // The second part is stored, and the client never learns of it.
//! proxy.inject(Fault::LoseReply, Match::any().method("PUT").target("partNumber=2"), 1);
//! // ... talk to proxy.url() ...
//! assert_eq!(proxy.faults(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! What it is not told to spoil passes untouched, above all the `Host` header: signatures cover it.
//! One repair is made: a `Host` without a port gets the proxy's. The client of
//! google-cloud-storage sends none (observed in its version 1.21), and a server that makes the address of
//! an upload out of it would send the client to port 80.
//!
//! Before a server behind a proxy with TLS, requests say so (`X-Forwarded-Proto: https`), for servers that
//! tell clients where to go.
//!
//! Bodies are passed on piece by piece as they come, and a slow reader slows the writer.

mod fault;
mod forward;
mod identity;
mod rules;
mod shape;

use std::io;
use std::sync::Arc;

use hyper::http::uri;
use tokio_rustls::TlsAcceptor;

use crate::loopback::Loopback;
use forward::Forward;
use rules::Rules;

pub use fault::{Fault, Match};
pub use identity::{Authority, Identity};

/// A proxy that runs until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    rules: Arc<Rules>,
    _serving: Loopback,
}

impl Proxy {
    /// Stands before `upstream`, as `http://127.0.0.1:9000`. A path in it is one in
    /// [`Proxy::url`] too.
    pub fn start(upstream: &str) -> io::Result<Self> {
        Self::serve(upstream, None)
    }

    /// The same for clients that speak TLS, to whom it shows `identity`. What it forwards is not
    /// encrypted.
    pub fn start_tls(upstream: &str, identity: &Identity) -> io::Result<Self> {
        Self::serve(upstream, Some(identity.acceptor()?))
    }

    fn serve(upstream: &str, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let rules = Arc::new(Rules::default());
        let (authority, path) = split(upstream)?;
        let serving = Loopback::serve(Loopback::ANYWHERE, tls, |address| {
            Forward::new(authority, scheme, address, rules.clone())
        })?;
        let url = format!("{scheme}://{}{path}", serving.address());
        Ok(Self {
            url,
            rules,
            _serving: serving,
        })
    }

    /// Where clients find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on the next `times` requests that match suffer `fault`; `u32::MAX` for all. Of
    /// several faults that fit a request it suffers every [`Fault::Latency`], the slowest
    /// [`Fault::Slow`], and the first of the others.
    pub fn inject(&self, fault: Fault, on: Match, times: u32) {
        self.rules.add(fault, on, times);
    }

    /// From now on replies in XML say `to` where the server says `from`: a server that stands for
    /// another may spell a word otherwise, and clients of the other do not understand it.
    pub fn reword(&self, from: &'static str, to: &'static str) {
        self.rules.reword(from, to);
    }

    /// From now on no reply has the header `name`, as behind a gateway that does not know it.
    pub fn hide(&self, name: &'static str) {
        self.rules.hide(name);
    }

    /// Nothing is spoiled any more.
    pub fn clear(&self) {
        self.rules.clear();
    }

    /// How many requests came with this method, those that suffered included.
    pub fn requests(&self, method: &str) -> u64 {
        self.rules.requests(method)
    }

    /// From now on requests are kept, for [`Proxy::kept_requests`].
    pub fn keep_requests(&self) {
        self.rules.keep_requests();
    }

    /// Those that came since, as `PUT /bucket/key?partNumber=2`.
    pub fn kept_requests(&self) -> Vec<String> {
        self.rules.kept_requests()
    }

    /// The header `name` of the last request that came with it; `None` if none has.
    pub fn heard(&self, name: &'static str) -> Option<String> {
        self.rules.heard(name)
    }

    /// Bytes of bodies that went either way, as far as they said how long they are.
    pub fn carried(&self) -> u64 {
        self.rules.carried()
    }

    /// How many times a fault was suffered.
    pub fn faults(&self) -> u64 {
        self.rules.suffered()
    }
}

/// `host:port` and the path after it.
fn split(upstream: &str) -> io::Result<(uri::Authority, String)> {
    let wrong = || io::Error::other(format!("{upstream} is no http:// URL"));
    let url: hyper::Uri = upstream.parse().map_err(|_| wrong())?;
    let authority = url.authority().filter(|_| url.scheme_str() == Some("http"));
    let path = url.path().trim_end_matches('/').to_owned();
    Ok((authority.ok_or_else(wrong)?.clone(), path))
}
