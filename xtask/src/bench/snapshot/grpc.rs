//! gRPC in its plainest form, over HTTP/2: a load that costs little beside what it measures, and a limit that does
//! nothing but read.

use anyhow::{Context, Result, bail, ensure};
use bytes::{BufMut, Bytes, BytesMut};
use h2::client::{Builder, SendRequest};
use http::{HeaderMap, Request};
use tokio::net::TcpStream;

/// As much as may be under way before etcd has to wait.
const WINDOW: u32 = 8 << 20;

/// A connection to etcd. Clones share it.
#[derive(Clone)]
pub(super) struct Connection {
    requests: SendRequest<Bytes>,
    url: String,
}

impl Connection {
    pub(super) async fn to(url: &str) -> Result<Self> {
        let address = url.strip_prefix("http://").context("not in clear")?;
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let (requests, connection) = Builder::new()
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .handshake(tcp)
            .await?;
        // What breaks it breaks the requests, which say so.
        tokio::spawn(connection);
        let url = url.to_owned();
        Ok(Self { requests, url })
    }

    /// Asks one RPC and reads all of its answers. Returns how many bytes they have.
    pub(super) async fn call(&self, rpc: &str, message: &[u8]) -> Result<u64> {
        let request = Request::post(format!("{}/etcdserverpb.{rpc}", self.url))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())?;
        let mut ready = self.requests.clone().ready().await?;
        let (response, mut sending) = ready.send_request(request, false)?;
        sending.send_data(framed(message)?, true)?;
        let response = response.await?;
        ensure!(response.status() == 200, "{rpc}: {}", response.status());
        if response.headers().contains_key("grpc-status") {
            must_be_ok(rpc, response.headers())?;
        }
        let (mut body, mut read) = (response.into_body(), 0);
        while let Some(piece) = body.data().await {
            let length = piece?.len();
            body.flow_control().release_capacity(length)?;
            read += length as u64;
        }
        let Some(trailers) = body.trailers().await? else {
            bail!("{rpc}: the answer has no end")
        };
        must_be_ok(rpc, &trailers)?;
        Ok(read)
    }
}

fn must_be_ok(rpc: &str, headers: &HeaderMap) -> Result<()> {
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match said("grpc-status") {
        Some("0") => Ok(()),
        status => bail!("{rpc}: {status:?} {:?}", said("grpc-message")),
    }
}

/// Not compressed, and how long it is.
fn framed(message: &[u8]) -> Result<Bytes> {
    let mut frame = BytesMut::with_capacity(5 + message.len());
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len())?);
    frame.put_slice(message);
    Ok(frame.freeze())
}

/// A message of fields of bytes, which have the numbers 1, 2 and so on.
pub(super) fn message(fields: &[&[u8]]) -> Vec<u8> {
    let mut written = Vec::new();
    for (number, field) in (1_u8..).zip(fields) {
        written.push(number << 3 | 2);
        let mut length = field.len();
        while length >= 0x80 {
            written.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        written.push(length as u8);
        written.extend_from_slice(field);
    }
    written
}
