use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use snapstore::clock::{Clock, SystemClock};

use super::Fault;
use super::rules::{Rules, Words};
use super::shape::{End, Shape, shape};
use crate::loopback::{Body, BrokenOff, Handler, Plug};

/// Shorter than any server keeps a connection that nobody uses: else one would be found closed now
/// and then, a fault that nobody injected.
const IDLE: Duration = Duration::from_secs(3);

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Passes requests on to one server.
#[derive(Debug, Clone)]
pub(super) struct Forward {
    upstream: Authority,
    /// How clients speak to us.
    scheme: &'static str,
    proxy: SocketAddr,
    rules: Arc<Rules>,
    client: Client<HttpConnector, Body>,
}

impl Forward {
    pub(super) fn new(
        upstream: Authority,
        scheme: &'static str,
        proxy: SocketAddr,
        rules: Arc<Rules>,
    ) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .set_host(false)
            .http1_preserve_header_case(true)
            .build(connector);
        Self {
            upstream,
            scheme,
            proxy,
            rules,
            client,
        }
    }

    async fn pass(
        &self,
        request: Request<Incoming>,
        rate: Option<u64>,
        damage: Option<u64>,
    ) -> Result<Response<Incoming>, BrokenOff> {
        let (mut head, body) = request.into_parts();
        self.complete_host(&mut head.headers);
        if self.scheme == "https" {
            let scheme = HeaderValue::from_static(self.scheme);
            head.headers.insert(FORWARDED_PROTO, scheme);
        }
        head.uri = self.there(head.uri.path_and_query())?;
        let whole = Shape {
            rate,
            damage,
            ..Shape::default()
        };
        let request = Request::from_parts(head, shape(body, whole));
        self.client.request(request).await.map_err(|_| BrokenOff)
    }

    /// See the head of this module's parent for whom this is.
    fn complete_host(&self, headers: &mut hyper::HeaderMap) {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.and_then(|host| host.parse::<Authority>().ok());
        let Some(host) = host.filter(|host| host.port().is_none()) else {
            return;
        };
        let complete = format!("{}:{}", host.host(), self.proxy.port());
        if let Ok(complete) = HeaderValue::from_str(&complete) {
            headers.insert(HOST, complete);
        }
    }

    fn there(&self, target: Option<&PathAndQuery>) -> Result<Uri, BrokenOff> {
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.upstream.clone())
            .path_and_query(target.map_or("/", PathAndQuery::as_str))
            .build()
            .map_err(|_| BrokenOff)
    }
}

impl Handler for Forward {
    async fn handle(
        &self,
        request: Request<Incoming>,
        plug: Plug,
    ) -> Result<Response<Body>, BrokenOff> {
        let disposition = self.rules.disposition(&request);
        self.rules.carry(request.body().size_hint().exact());
        SystemClock.sleep(disposition.latency).await;
        let broken = |_| {
            plug.pull();
            BrokenOff
        };
        match disposition.fault {
            Some(Fault::Reply(reply)) => {
                // A client that still writes when the connection ends would not see the reply.
                drain(request.into_body()).await?;
                return Ok(
                    reply.map(|body| Full::new(body).map_err(BrokenOff::from).boxed_unsync())
                );
            }
            Some(Fault::ResetRequest) => return Err(broken(())),
            Some(Fault::LoseReply) => {
                let reply = self.pass(request, disposition.rate, None).await;
                // The server has done all its work when all of its answer is there.
                drain(reply?.into_body()).await?;
                return Err(broken(()));
            }
            _ => {}
        }
        let damage = match disposition.fault {
            Some(Fault::Damage(at)) => Some(at),
            _ => None,
        };
        let reply = self.pass(request, disposition.rate, damage).await;
        let mut reply = reply.map_err(|_| broken(()))?;
        self.rules.carry(reply.body().size_hint().exact());
        for name in self.rules.hidden() {
            reply.headers_mut().remove(name);
        }
        reword(
            spoil(reply, disposition.fault, disposition.rate),
            &self.rules.words(),
        )
        .await
    }
}

/// The reply with what happens to its body.
fn spoil(mut reply: Response<Incoming>, fault: Option<Fault>, rate: Option<u64>) -> Response<Body> {
    let end = match fault {
        Some(Fault::Stall(at)) => End::Stall(at),
        Some(Fault::Truncate(at)) => End::Break(at),
        Some(Fault::Shorten(by)) => {
            let announced = reply.body().size_hint().exact().unwrap_or(0);
            let less = announced.saturating_sub(by);
            reply.headers_mut().insert(CONTENT_LENGTH, less.into());
            End::Stop(less)
        }
        Some(Fault::Halve) => {
            let half = reply.body().size_hint().exact().unwrap_or(0) / 2;
            reply.headers_mut().insert(CONTENT_LENGTH, half.into());
            End::Stop(half)
        }
        Some(Fault::Unmeasured) => {
            reply.headers_mut().remove(CONTENT_LENGTH);
            End::Stop(u64::MAX)
        }
        _ => End::Whole,
    };
    let as_it_goes = Shape {
        rate,
        end,
        damage: None,
    };
    reply.map(|body| shape(body, as_it_goes))
}

/// The reply with other words, if it is one of words.
async fn reword(reply: Response<Body>, words: &[Words]) -> Result<Response<Body>, BrokenOff> {
    let of_words = |kind: &HeaderValue| kind.as_bytes().ends_with(b"/xml");
    if words.is_empty() || !reply.headers().get(CONTENT_TYPE).is_some_and(of_words) {
        return Ok(reply);
    }
    let (mut head, body) = reply.into_parts();
    let said = body.collect().await?.to_bytes();
    let mut said = String::from_utf8_lossy(&said).into_owned();
    for (from, to) in words {
        said = said.replace(from, to);
    }
    head.headers.insert(CONTENT_LENGTH, said.len().into());
    let said = Full::from(said).map_err(BrokenOff::from).boxed_unsync();
    Ok(Response::from_parts(head, said))
}

async fn drain(mut body: Incoming) -> Result<(), BrokenOff> {
    while let Some(piece) = body.frame().await {
        piece?;
    }
    Ok(())
}
