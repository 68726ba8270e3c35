//! The stub: HTTP/2 and gRPC's framing, and nothing behind it.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::{BufMut, Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

/// What is answered to one call.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub messages: Vec<Vec<u8>>,
    pub end: End,
}

/// How an answer ends.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// With a status: 0 is success.
    Status(u16, &'static str),
    /// An answer of HTTP, as from a proxy that knows no gRPC.
    Http(u16),
    /// The stream ends and nobody says how.
    Bare,
    /// The connection breaks.
    Breaks,
    /// Never.
    Never,
}

pub(crate) fn ok(message: Vec<u8>) -> Reply {
    let end = End::Status(0, "");
    let messages = vec![message];
    Reply { messages, end }
}

pub(crate) fn refused(code: u16, words: &'static str) -> Reply {
    Reply {
        messages: Vec::new(),
        end: End::Status(code, words),
    }
}

/// A server of gRPC on the loopback, until it is dropped.
#[derive(Debug)]
pub(crate) struct Stub {
    url: String,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    /// By the last part of the path. The last reply of one stays.
    replies: Mutex<BTreeMap<&'static str, VecDeque<Reply>>>,
    calls: Mutex<Vec<(String, HeaderMap)>>,
}

impl Stub {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self {
            url,
            shared,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What the call `rpc` is answered, each time the next; the last one from then on.
    pub(crate) fn answers(&self, rpc: &'static str, replies: impl IntoIterator<Item = Reply>) {
        let replies = replies.into_iter().collect();
        self.shared.replies.lock().unwrap().insert(rpc, replies);
    }

    /// How often `rpc` was called.
    pub(crate) fn called(&self, rpc: &str) -> usize {
        self.headers(rpc).len()
    }

    /// The headers of the calls of `rpc`.
    pub(crate) fn headers(&self, rpc: &str) -> Vec<HeaderMap> {
        let calls = self.shared.calls.lock().unwrap();
        let calls = calls.iter().filter(|(called, _)| called == rpc);
        calls.map(|(_, headers)| headers.clone()).collect()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        tokio::spawn(serve(tcp, shared.clone()));
    }
}

async fn serve(tcp: TcpStream, shared: Arc<Shared>) {
    let broken = Arc::new(tokio::sync::Notify::new());
    let breaks = broken.clone();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let reply = reply(&shared, &request);
        let status = match reply.end {
            End::Http(status) => status,
            _ => 200,
        };
        let body = body(reply, breaks.clone());
        async move {
            let response = Response::builder().status(status);
            let response = response.header("content-type", "application/grpc");
            // What a client asks on is not read, but its stream stays open.
            std::mem::forget(request.into_body());
            Ok::<_, Infallible>(response.body(StreamBody::new(body)).unwrap())
        }
    });
    let serving = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    let serving = serving.serve_connection(TokioIo::new(tcp), service);
    tokio::select! {
        _ = serving => {}
        () = broken.notified() => {}
    }
}

fn reply(shared: &Shared, request: &Request<Incoming>) -> Reply {
    let path = request.uri().path();
    let rpc = path.rsplit('/').next().unwrap().to_owned();
    let headers = request.headers().clone();
    shared.calls.lock().unwrap().push((rpc.clone(), headers));
    let mut replies = shared.replies.lock().unwrap();
    match replies.get_mut(rpc.as_str()) {
        Some(replies) if replies.len() > 1 => replies.pop_front().unwrap(),
        Some(replies) => replies.front().unwrap().clone(),
        None => refused(12, "the stub has no answer to this"),
    }
}

type Body = BoxStream<'static, Result<Frame<Bytes>, Infallible>>;

fn body(reply: Reply, breaks: Arc<tokio::sync::Notify>) -> Body {
    let messages = reply.messages.into_iter().map(|message| {
        let mut frame = BytesMut::new();
        frame.put_u8(0);
        frame.put_u32(message.len().try_into().unwrap());
        frame.put_slice(&message);
        Ok(Frame::data(frame.freeze()))
    });
    let messages = stream::iter(messages);
    match reply.end {
        End::Bare | End::Http(_) => messages.boxed(),
        End::Never => messages.chain(stream::pending()).boxed(),
        End::Breaks => {
            // Once what was said has had its turn.
            let ends = async move {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                breaks.notify_one();
                std::future::pending().await
            };
            messages.chain(ends.into_stream()).boxed()
        }
        End::Status(code, words) => {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from(code));
            trailers.insert("grpc-message", HeaderValue::from_static(words));
            let trailers = Ok(Frame::trailers(trailers));
            messages.chain(stream::iter([trailers])).boxed()
        }
    }
}
