//! What is tried on arbitrary bytes: by cargo-fuzz from `fuzz_targets/`, and by `tests/fuzz_smoke.rs` on mutated
//! configurations and requests.

use std::net::SocketAddr;
use std::time::Duration;

use server::etcd_config::{Document, Urls, body, member_name};
use server::{ClusterFacts, ClusterState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The member that asks.
pub(crate) const POD: &str = "etcd-main-1";

/// Longer than an answer takes.
const LONG: Duration = Duration::from_secs(60);

/// Reads the bytes as etcd's configuration, and makes that of a member of it.
pub(crate) fn etcd_config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => {
            let error = error.to_string();
            assert!(!error.is_empty());
            assert!(!error.contains("hunter2"), "a secret: {error}");
            return;
        }
    };
    let _ = document.cluster_size();
    let _ = document.client_urls();
    let joining = Some(vec!["etcd-main-0".to_owned(), "etcd-main-2".to_owned()]);
    for (state, members) in [(ClusterState::New, None), (ClusterState::Existing, joining)] {
        let facts = ClusterFacts { state, members };
        let Ok(made) = body(&document, POD, &facts) else {
            continue;
        };
        // etcd reads it, and so do we: nothing of it is another key or a second document.
        let again = Document::parse(&made).expect("what was made can be read");
        assert_eq!(member_name(&again, POD), member_name(&document, POD));
        let name = member_name(&again, POD).expect("it has a name");
        for urls in [Urls::Client, Urls::Peer] {
            assert!(again.urls_of(&name, urls).is_ok(), "{made}");
        }
    }
}

/// Sends the bytes to a sidecar as what a client sends: it answers as HTTP, with a status that is none of a bug, or closes.
pub(crate) async fn http(sidecar: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(sidecar).await.expect("it listens");
    let mut came = Vec::new();
    let talk = async {
        // One that was refused before all of it was read may be closed.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut came).await;
    };
    assert!(timeout(LONG, talk).await.is_ok(), "it does not end");
    if came.is_empty() {
        return;
    }
    let head = String::from_utf8_lossy(&came[..came.len().min(64)]).into_owned();
    let status = head
        .strip_prefix("HTTP/1.1 ")
        .or(head.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
    // 500 is said where this program is wrong.
    assert!(
        status.is_some_and(|status| status != 500),
        "{head:?} to {:?}",
        String::from_utf8_lossy(bytes)
    );
}
