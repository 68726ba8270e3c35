//! SIGTERM, as whoever starts the server hands it on: within the time that is given, in any state.

use std::time::Duration;

use reqwest::Method;
use server::{Ended, Error, Listen, Metrics, Server};
use std::sync::Arc;

use tokio::io::AsyncWriteExt;

use crate::client::{plain, until_closed};
use crate::world::{LONG, Plan, now, ports};

#[tokio::test]
async fn who_waits_is_answered_before_the_end() {
    let mut sidecar = Plan::new().start().await;
    let answer = sidecar.asking(Method::POST, "/snapshot/full");
    let taking = sidecar.taking().await;
    let mut idle = sidecar.connect().await;
    sidecar.stop.cancel();
    // Who says nothing is not waited for, and nobody new comes in.
    assert_eq!(until_closed(&mut idle).await, "");
    while tokio::net::TcpStream::connect(sidecar.address)
        .await
        .is_ok()
    {
        tokio::task::yield_now().await;
    }
    assert!(!sidecar.running.is_finished());
    taking.done(7);
    assert_eq!(answer.await.unwrap().0, 200);
    assert_eq!(sidecar.end().await, Ended::Clean);
}

/// The snapshotter stops as well, and says so.
#[tokio::test]
async fn a_snapshot_that_is_given_up_is_an_error_and_no_hang_up() {
    let mut sidecar = Plan::new().start().await;
    let answer = sidecar.asking(Method::POST, "/snapshot/full");
    let taking = sidecar.taking().await;
    sidecar.stop.cancel();
    taking.end.send(Err("interrupted".to_owned())).unwrap();
    assert_eq!(answer.await.unwrap(), (500, "interrupted".to_owned()));
    assert_eq!(sidecar.end().await, Ended::Clean);
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let mut plan = Plan::new();
    plan.settings.stop_within = Duration::from_millis(100);
    let mut sidecar = plan.start().await;
    let request = plain().post(sidecar.url("/snapshot/full")).send();
    let answer = tokio::spawn(request);
    let taking = sidecar.taking().await;
    sidecar.stop.cancel();
    assert!(answer.await.unwrap().is_err(), "the connection is closed");
    assert_eq!(sidecar.end().await, Ended::Cut { connections: 1 });
    drop(taking);
}

#[tokio::test]
async fn an_initialization_is_interrupted_and_waited_for() {
    let mut sidecar = Plan::new().start().await;
    sidecar.get("/initialization/start").await;
    let running = sidecar.initializing().await;
    sidecar.stop.cancel();
    let told = tokio::time::timeout(LONG, running.stop.cancelled()).await;
    assert!(told.is_ok(), "nobody tells it");
    assert!(
        !sidecar.running.is_finished(),
        "the directory is still written to"
    );
    running.end.send(Err("cancelled".to_owned())).unwrap();
    assert_eq!(sidecar.end().await, Ended::Clean);
}

#[tokio::test]
async fn an_election_that_is_waited_for_does_not_keep_it() {
    let mut plan = Plan::new();
    plan.role = server::Role::Unknown;
    // Longer than the test may take.
    plan.settings.limits.wait_for_leader = Duration::from_secs(3600);
    let sidecar = plan.start().await;
    let mut stream = sidecar.connect().await;
    let request = "POST /snapshot/delta HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    // It was taken before this one.
    assert_eq!(sidecar.get("/livez").await.0, 200);
    sidecar.stop.cancel();
    let answer = until_closed(&mut stream).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 405"),
        "{answer}"
    );
    assert_eq!(sidecar.end().await, Ended::Clean);
}

/// The port was taken, and the process went on without being reached.
#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_names_it() {
    let sidecar = Plan::new().start().await;
    let mut plan = Plan::new();
    plan.settings.listen = Listen::At(sidecar.address);
    let metrics = Arc::new(Metrics::new(Arc::new(now)).unwrap());
    let error = Server::bind(plan.settings, ports(), metrics)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::Listen { .. }), "{error}");
    assert!(
        error.to_string().contains(&sidecar.address.to_string()),
        "{error}"
    );
}

/// As the reference: all addresses, of both families where the machine has both.
#[tokio::test]
async fn a_port_alone_is_on_every_address() {
    let mut plan = Plan::new();
    plan.settings.listen = Listen::Port(0);
    let sidecar = plan.start().await;
    let url = format!(
        "http://127.0.0.1:{}/initialization/status",
        sidecar.address.port()
    );
    let answer = plain().get(url).send().await.unwrap();
    // An address of IPv4 inside of one of IPv6 is this machine, too.
    assert_eq!(answer.status(), 200);
}
