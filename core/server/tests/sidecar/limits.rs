//! Those who take their time, or too much.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::{raw, until_closed};
use crate::world::{LONG, Plan, Sidecar};

async fn hasty() -> Sidecar {
    let mut plan = Plan::new();
    plan.settings.limits.header_timeout = Duration::from_secs(1);
    plan.start().await
}

/// A client that sends a byte now and then held a connection for ever.
#[tokio::test]
async fn headers_that_do_not_come_are_not_waited_for() {
    let sidecar = hasty().await;
    let mut silent = sidecar.connect().await;
    let mut slow = sidecar.connect().await;
    slow.write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        .await
        .unwrap();
    let dribble = async {
        let (mut from, mut to) = slow.split();
        let write = async {
            while to.write_all(b"x").await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        let mut came = Vec::new();
        tokio::select! {
            () = write => {}
            _ = from.read_to_end(&mut came) => {}
        }
        String::from_utf8_lossy(&came).into_owned()
    };
    let (silence, dribbled) = tokio::join!(until_closed(&mut silent), dribble);
    assert_eq!(silence, "");
    // It may reach the end of what headers may have before.
    assert!(
        dribbled.is_empty() || dribbled.starts_with("HTTP/1.1 431"),
        "{dribbled}"
    );
    assert_eq!(sidecar.get("/livez").await.0, 200);
}

#[tokio::test]
async fn headers_have_an_end() {
    let sidecar = Plan::new().start().await;
    let long = |bytes: usize| {
        format!(
            "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: {}\r\n\r\n",
            "x".repeat(bytes)
        )
    };
    let answer = raw(&sidecar, &long(15_000)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = raw(&sidecar, &long(17_000)).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let path = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(17_000));
    let answer = raw(&sidecar, &path).await;
    assert!(
        answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414"),
        "{answer}"
    );
}

#[tokio::test]
async fn no_body_is_read() {
    let mut sidecar = Plan::new().start().await;
    for head in ["Content-Length: 1025", "Transfer-Encoding: chunked"] {
        let request = format!("POST /snapshot/full HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n");
        let answer = raw(&sidecar, &request).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{head}: {answer}");
    }
    assert!(sidecar.taking.try_recv().is_err());
    // What is announced and small is not waited for.
    let mut stream = sidecar.connect().await;
    let request = "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
}

#[tokio::test]
async fn nonsense_is_refused() {
    let sidecar = hasty().await;
    for request in [
        "\r\n\r\n\r\n",
        "hello\r\n\r\n",
        "GET /livez\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = raw(&sidecar, request).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{request:?}: {answer}"
        );
    }
    assert_eq!(sidecar.get("/livez").await.0, 200);
}

/// Connections that say nothing use up the places for others. More than there are places are closed, and the places
/// are free again.
#[tokio::test]
async fn connections_have_an_end() {
    let mut plan = Plan::new();
    plan.settings.limits.connections = 4;
    plan.settings.limits.kept_for_loopback = 1;
    plan.settings.limits.header_timeout = Duration::from_secs(1);
    let sidecar = plan.start().await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(sidecar.connect().await);
    }
    let mut one_more = sidecar.connect().await;
    assert_eq!(until_closed(&mut one_more).await, "");
    for mut stream in held {
        assert_eq!(until_closed(&mut stream).await, "");
    }
    assert_eq!(sidecar.get("/livez").await.0, 200);
}

/// Two requests in one go are answered one after the other.
#[tokio::test]
async fn a_connection_is_used_again() {
    let sidecar = Plan::new().start().await;
    let two = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = raw(&sidecar, two).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    assert!(answer.ends_with("{\"health\":true}"), "{answer}");
}

/// Who asks again and again and reads no answer held a connection for ever.
#[tokio::test]
async fn who_reads_nothing_is_left() {
    let mut plan = Plan::new();
    plan.settings.limits.write_timeout = Duration::from_millis(100);
    let sidecar = plan.start().await;
    let mut stream = sidecar.connect().await;
    let request = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100);
    // Until it is closed. Nothing is read meanwhile.
    let asking = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    let left = tokio::time::timeout(LONG, asking).await;
    assert!(left.is_ok(), "it is never closed");
    assert_eq!(sidecar.get("/livez").await.0, 200);
}
