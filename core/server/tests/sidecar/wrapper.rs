//! As etcd-wrapper (`internal/brclient`, `internal/bootstrap`): the word each second, a start, the word again, then
//! the configuration.

use reqwest::Method;
use server::{ClusterFacts, ClusterState, Mode};

use crate::world::{LONG, Plan, Sidecar};

/// Until the word is one of those that etcd-wrapper looks for.
async fn until(sidecar: &Sidecar, word: &str) {
    let told = async {
        loop {
            let (status, said) = sidecar.get("/initialization/status").await;
            assert_eq!(status, 200);
            if said == word {
                return;
            }
            assert_eq!(said, "Progress");
        }
    };
    assert!(
        tokio::time::timeout(LONG, told).await.is_ok(),
        "it is never {word}"
    );
}

#[tokio::test]
async fn an_etcd_is_started() {
    let mut sidecar = Plan::new().start().await;
    let word = "/initialization/status";
    assert_eq!(sidecar.get(word).await, (200, "New".to_owned()));
    let started = sidecar.get("/initialization/start?mode=sanity").await;
    assert_eq!(started, (200, String::new()));
    let running = sidecar.initializing().await;
    assert_eq!(running.mode, Mode::Sanity);
    assert_eq!(sidecar.get(word).await, (200, "Progress".to_owned()));
    // The answer to the first one was lost.
    assert_eq!(
        sidecar.post("/initialization/start?mode=full").await,
        (200, String::new())
    );
    // Nobody is sent to an etcd whose directory is worked on.
    assert_eq!(
        sidecar.get("/healthz").await,
        (503, "{\"health\":false}".to_owned())
    );
    running.end.send(Ok(())).unwrap();
    until(&sidecar, "Successful").await;
    assert_eq!(sidecar.get(word).await, (200, "New".to_owned()));
    assert!(
        sidecar.initializing.try_recv().is_err(),
        "a second one began"
    );
    let (status, config) = sidecar.get("/config").await;
    assert_eq!(status, 200);
    assert!(config.starts_with("name: \"etcd-main-1\"\n"), "{config}");
    assert!(
        config.contains("\nquota-backend-bytes: 8589934592\n"),
        "{config}"
    );
    assert!(
        config.contains("\nadvertise-client-urls: \"http://localhost:2379\"\n"),
        "{config}"
    );
    assert_eq!(
        sidecar.get("/healthz").await,
        (200, "{\"health\":true}".to_owned())
    );
}

/// The wrapper takes `Failed` for work in progress, reads `New` next, and starts again.
#[tokio::test]
async fn a_failure_begins_again() {
    let mut sidecar = Plan::new().start().await;
    sidecar.get("/initialization/start?mode=full").await;
    let running = sidecar.initializing().await;
    assert_eq!(running.mode, Mode::Full);
    running
        .end
        .send(Err("the volume is of another cluster".to_owned()))
        .unwrap();
    until(&sidecar, "Failed").await;
    let (_, status) = sidecar.get("/status").await;
    assert!(
        status.contains("\"lastError\":\"the volume is of another cluster\""),
        "{status}"
    );
    until_new(&sidecar).await;
    sidecar.get("/initialization/start").await;
    // It waits inside of the progress before it begins.
    assert_eq!(sidecar.get("/initialization/status").await.1, "Progress");
    assert!(sidecar.initializing.try_recv().is_err());
}

async fn until_new(sidecar: &Sidecar) {
    assert_eq!(sidecar.get("/initialization/status").await.1, "New");
}

/// `new` by mistake makes a cluster of its own, so what is not known is no configuration.
#[tokio::test]
async fn without_the_members_there_is_no_configuration() {
    let sidecar = Plan::new().start().await;
    *sidecar.cluster.0.lock().unwrap() = Err("no member answers".to_owned());
    let (status, why) = sidecar.get("/config").await;
    assert_eq!(status, 503);
    assert!(why.contains("no member answers"), "{why}");
    *sidecar.cluster.0.lock().unwrap() = Ok(ClusterFacts {
        state: ClusterState::Existing,
        members: Some(vec!["etcd-main-0".to_owned(), "etcd-main-1".to_owned()]),
    });
    let (status, config) = sidecar.get("/config").await;
    assert_eq!(status, 200);
    assert!(
        config.contains("initial-cluster-state: \"existing\""),
        "{config}"
    );
    assert!(!config.contains("etcd-main-2="), "{config}");
}

#[tokio::test]
async fn a_configuration_of_no_use_is_an_error_with_its_place() {
    let sidecar = Plan::new().start().await;
    let path = sidecar.room.path().join("etcd.conf.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("  etcd-main-1:\n  - http://localhost:2379\n", ""),
    )
    .unwrap();
    let (status, why) = sidecar.get("/config").await;
    assert_eq!(status, 500);
    assert!(
        why.contains("advertise-client-urls") && why.contains("line 15"),
        "{why}"
    );
    std::fs::remove_file(&path).unwrap();
    let (status, why) = sidecar.get("/config").await;
    assert_eq!(status, 500);
    assert!(why.contains("etcd.conf.yaml"), "{why}");
}

/// A probe by HEAD used up the word for which etcd-wrapper waited.
#[tokio::test]
async fn looking_at_the_headers_changes_nothing() {
    let mut sidecar = Plan::new().start().await;
    for path in [
        "/initialization/start",
        "/initialization/status",
        "/snapshot/full",
        "/snapshot/delta",
    ] {
        for method in [Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert_eq!(sidecar.ask(method, path).await.0, 405, "{path}");
        }
    }
    assert!(sidecar.initializing.try_recv().is_err());
    assert!(sidecar.taking.try_recv().is_err());
}
