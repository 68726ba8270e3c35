//! Clients: one as Go's, and one that writes bytes.

use reqwest::{Client, Method, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{LONG, Sidecar};

/// Status and body.
pub(crate) type Said = (u16, String);

pub(crate) async fn said(response: reqwest::Result<Response>) -> Said {
    let response = response.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

pub(crate) fn plain() -> Client {
    Client::builder().no_proxy().timeout(LONG).build().unwrap()
}

impl Sidecar {
    pub(crate) async fn get(&self, path: &str) -> Said {
        said(plain().get(self.url(path)).send().await).await
    }

    /// As etcd-druid's `http.NewRequest(POST, url, nil)`.
    pub(crate) async fn post(&self, path: &str) -> Said {
        said(plain().post(self.url(path)).send().await).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str) -> Said {
        said(plain().request(method, self.url(path)).send().await).await
    }

    /// Asks, and goes on: the answer comes later.
    pub(crate) fn asking(&self, method: Method, path: &str) -> tokio::task::JoinHandle<Said> {
        let request = plain().request(method, self.url(path));
        tokio::spawn(async move { said(request.send().await).await })
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// What comes until the other side closes.
pub(crate) async fn until_closed(stream: &mut TcpStream) -> String {
    let mut came = Vec::new();
    // One that is reset is closed as well.
    let closed = tokio::time::timeout(LONG, stream.read_to_end(&mut came)).await;
    assert!(closed.is_ok(), "it is never closed");
    String::from_utf8_lossy(&came).into_owned()
}

/// Writes these bytes, and reads until the other side closes.
pub(crate) async fn raw(sidecar: &Sidecar, request: &str) -> String {
    let mut stream = sidecar.connect().await;
    let _ = stream.write_all(request.as_bytes()).await;
    until_closed(&mut stream).await
}
