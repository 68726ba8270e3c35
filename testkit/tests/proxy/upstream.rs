//! A server that says what it was asked, for tests of what stands before it; and a client that
//! shows every byte and how the connection ended.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::runtime::Runtime;

/// Answers `/size/N` with N bytes, and everything else with the request as it came.
pub(crate) struct Upstream {
    pub(crate) url: String,
    served: Arc<AtomicU64>,
    _runtime: Runtime,
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = Arc::new(AtomicU64::new(0));
        let count = served.clone();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let count = count.clone();
                let service = service_fn(move |request| answer(request, count.clone()));
                let mut http = hyper::server::conn::http1::Builder::new();
                http.preserve_header_case(true);
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self {
            url,
            served,
            _runtime: runtime,
        }
    }

    /// How many requests it has read to their end.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::SeqCst)
    }
}

async fn answer(
    request: Request<Incoming>,
    served: Arc<AtomicU64>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let said: String = head
        .headers
        .iter()
        .map(|(name, value)| format!("{name}={}\n", value.to_str().unwrap()))
        .collect();
    let Ok(body) = body.collect().await else {
        return Ok(Response::default());
    };
    served.fetch_add(1, Ordering::SeqCst);
    let size = head.uri.path().strip_prefix("/size/");
    let body = match size.and_then(|size| size.parse().ok()) {
        Some(size) => vec![b'x'; size],
        None => {
            let sent = body.to_bytes();
            if head.uri.path() == "/echo" {
                return Ok(Response::new(Full::from(sent)));
            }
            let sent = sent.len();
            format!("{} {}\n{said}body={sent}\n", head.method, head.uri).into_bytes()
        }
    };
    Ok(Response::new(Full::from(body)))
}

/// What came back on a connection, and how it ended.
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) end: io::Result<()>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn is_reset(&self) -> bool {
        let reset = io::ErrorKind::ConnectionReset;
        self.end.as_ref().is_err_and(|error| error.kind() == reset)
    }
}

/// Sends `request` as it stands and reads until the other side ends, or stays silent for so long.
pub(crate) fn exchange(url: &str, request: &str, silence: Duration) -> Answer {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(silence)).unwrap();
    // It may be reset while it is written.
    let _ = stream.write_all(request.as_bytes());
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all).map(drop);
    let split = all.windows(4).position(|four| four == b"\r\n\r\n");
    let body = split.map_or(Vec::new(), |at| all.split_off(at + 4));
    let head = String::from_utf8(all).unwrap();
    Answer { head, body, end }
}

/// [`exchange`] of a request without a body, on a connection that is closed after it.
pub(crate) fn get(url: &str, path: &str) -> Answer {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: bucket.example:1\r\nConnection: close\r\n\r\n");
    exchange(url, &request, Duration::from_secs(60))
}
