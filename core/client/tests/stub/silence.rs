//! Members that say nothing.

use std::sync::Arc;
use std::time::Duration;

use client::{Client, ErrorKind, Etcd, Read};
use tokio::net::TcpListener;

use crate::others::{config, retries};
use crate::server::{End, Reply, Stub};
use crate::watches::{created, from};

#[tokio::test]
async fn an_answer_that_does_not_come_is_told_as_none() {
    let stub = Stub::new().await;
    let never = Reply {
        messages: Vec::new(),
        end: End::Never,
    };
    for rpc in ["Range", "Watch", "Snapshot"] {
        stub.answers(rpc, [never.clone()]);
    }
    let mut config = config(&[stub.url()]);
    config.pace.answer = Duration::from_millis(20);
    let client = Client::new(config, retries(1, Arc::default()));
    let client = client.await.unwrap();
    let told = [
        client.head(Read::Local).await.unwrap_err(),
        client.watch(from(2)).await.unwrap_err(),
        client.snapshot().await.unwrap_err(),
        client.compacted().await.unwrap_err(),
    ];
    for error in told {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("within 0.02 s"), "{error}");
    }
}

/// A watch on which nothing happens may be silent for as long as it likes: 40 s of silence, while etcd cuts
/// a large revision, is no death. A connection that does not answer pings is dead.
#[tokio::test]
async fn a_watch_is_silent_until_its_connection_is_dead() {
    let stub = Stub::new().await;
    let silent = Reply {
        messages: vec![created(5)],
        end: End::Never,
    };
    stub.answers("Watch", [silent]);
    // Between the two a way that can be cut without anybody being told.
    let way = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", way.local_addr().unwrap());
    let there = stub.url().trim_start_matches("http://").to_owned();
    let (cut, was_cut) = tokio::sync::oneshot::channel::<()>();
    let carrying = tokio::spawn(async move {
        let (mut from, _) = way.accept().await.unwrap();
        let mut to = tokio::net::TcpStream::connect(there).await.unwrap();
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
            _ = was_cut => {}
        }
        // Open, and nothing goes over it any more.
        std::future::pending::<()>().await;
        drop((from, to));
    });
    let mut config = config(&[&here]);
    config.pace.keepalive = Duration::from_secs(5);
    config.pace.keepalive_answer = Duration::from_millis(100);
    let client = Client::new(config, retries(1, Arc::default()));
    let client = client.await.unwrap();
    let mut watch = client.watch(from(5)).await.unwrap();
    {
        let next = watch.next();
        tokio::pin!(next);
        assert!(futures::poll!(next.as_mut()).is_pending());
    }
    cut.send(()).unwrap();
    // Without pings nobody would ever know; the limit is for a test that fails.
    let told = tokio::time::timeout(Duration::from_secs(120), watch.next()).await;
    let error = told.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    carrying.abort();
}
