use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode};

/// What can happen to a request and its reply.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// The server never hears of the request; this is what the client is told.
    Reply(Response<Bytes>),
    /// The server never hears of the request, and the connection is reset.
    ResetRequest,
    /// The server has done what was asked, and the connection is reset before the client learns.
    LoseReply,
    /// After so many bytes of the reply's body nothing comes any more. The connection stays.
    Stall(u64),
    /// After so many bytes of the reply's body the connection is closed; more was announced.
    Truncate(u64),
    /// So many bytes fewer are announced than the reply's body has, and they are not sent. To the
    /// client all looks well.
    Shorten(u64),
    /// Half of the reply's body is announced and sent, as if that were all.
    Halve,
    /// How long the reply's body is, is not announced: it comes in chunks.
    Unmeasured,
    /// The server gets this byte of the request's body, counted from 0, other than it was sent; a
    /// shorter body passes untouched.
    Damage(u64),
    /// Both bodies pass at so many bytes a second, each.
    Slow(u64),
    /// The request arrives so much later.
    Latency(Duration),
}

impl Fault {
    /// A reply with this status and nothing else. A number that is no status becomes 500.
    pub fn status(status: u16) -> Self {
        let mut reply = Response::default();
        let status = StatusCode::from_u16(status);
        *reply.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Reply(reply)
    }

    /// A page of some proxy's own in the place of an answer, with a status that says that all is well.
    pub fn page(page: &'static str) -> Self {
        let mut reply = Response::new(Bytes::from_static(page.as_bytes()));
        let html = HeaderValue::from_static("text/html");
        reply.headers_mut().insert(CONTENT_TYPE, html);
        Self::Reply(reply)
    }

    /// A reply with this status that asks to come again in so many seconds (`Retry-After`).
    pub fn busy(status: u16, seconds: u64) -> Self {
        let mut fault = Self::status(status);
        if let Self::Reply(reply) = &mut fault {
            let after = HeaderValue::from(seconds);
            reply.headers_mut().insert(RETRY_AFTER, after);
        }
        fault
    }
}

/// Which requests suffer.
#[derive(Debug, Clone, Default)]
pub struct Match {
    method: Option<String>,
    other_than: Option<String>,
    targets: Vec<String>,
    headers: Vec<&'static str>,
    pub(super) after: u32,
}

impl Match {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Only those with this method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// All but those with this method.
    pub fn other_than(mut self, method: &str) -> Self {
        self.other_than = Some(method.to_owned());
        self
    }

    /// Only those whose path and query contain `part`, as it is written in the request:
    /// `partNumber=2`, `/v2/Full`. More than one must all be contained.
    pub fn target(mut self, part: &str) -> Self {
        self.targets.push(part.to_owned());
        self
    }

    /// Only those that have this header, whatever it says.
    pub fn header(mut self, name: &'static str) -> Self {
        self.headers.push(name);
        self
    }

    /// Not the first `requests` of them.
    pub fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    pub(super) fn fits<B>(&self, request: &Request<B>) -> bool {
        let method = self.method.as_deref();
        let other_than = self.other_than.as_deref();
        let uri = request.uri();
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        method.is_none_or(|method| request.method().as_str() == method)
            && other_than.is_none_or(|method| request.method().as_str() != method)
            && self.targets.iter().all(|part| target.contains(part))
            && self
                .headers
                .iter()
                .all(|name| request.headers().contains_key(*name))
    }
}
