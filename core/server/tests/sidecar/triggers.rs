//! As etcd-druid (`controller/compaction/snapshot.go` by GET, `etcdopstask/ondemandsnapshot.go` by POST) and gardener
//! (`final=true`).

use reqwest::Method;
use server::{Ending, EtcdHealth, Latest, Role, TriggerAccess, Wanted};

use crate::client::{plain, said};
use crate::fakes::snapshot;
use crate::world::Plan;

const FULL: &str = r#"{"createdOn":"2026-11-22T09:14:09Z","immutabilityExpriyTime":"0001-01-01T00:00:00Z","versionID":null,"kind":"Full","snapDir":"","snapName":"Full-00000000-00000007-1795338849.gz","prefix":"","compressionSuffix":".gz","startRevision":0,"lastRevision":7,"isChunk":false,"isFinal":false}"#;

#[tokio::test]
async fn a_full_is_answered_when_it_is_in_the_store() {
    let mut sidecar = Plan::new().start().await;
    for method in [Method::GET, Method::POST] {
        // Something was written since the one before.
        sidecar.snapshots.position.lock().unwrap().revision += 1;
        let answer = sidecar.asking(method, "/snapshot/full");
        let taking = sidecar.taking().await;
        assert_eq!(taking.wanted, Wanted::Full(Ending::Ordinary));
        assert!(!answer.is_finished());
        taking.done(7);
        assert_eq!(answer.await.unwrap(), (200, FULL.to_owned()));
    }
}

#[tokio::test]
async fn the_last_one_of_a_cluster_is_marked() {
    let mut sidecar = Plan::new().start().await;
    let answer = sidecar.asking(Method::GET, "/snapshot/full?final=true");
    let taking = sidecar.taking().await;
    assert_eq!(taking.wanted, Wanted::Full(Ending::Final));
    taking.done(7);
    let (status, body) = answer.await.unwrap();
    assert_eq!(status, 200);
    assert!(
        body.contains("\"isFinal\":true") && body.contains(".final\""),
        "{body}"
    );
    for wrong in ["maybe", "2", "tRue", "%ff"] {
        let (status, _) = sidecar.get(&format!("/snapshot/full?final={wrong}")).await;
        assert_eq!(status, 400, "{wrong}");
    }
    assert!(sidecar.taking.try_recv().is_err());
}

/// etcd-druid compares the body with `null`: a newline makes it another one.
#[tokio::test]
async fn nothing_to_take_is_null_to_the_byte() {
    let mut sidecar = Plan::new().start().await;
    let answer = sidecar.asking(Method::POST, "/snapshot/delta");
    let taking = sidecar.taking().await;
    assert_eq!(taking.wanted, Wanted::Delta);
    taking.end.send(Ok(None)).unwrap();
    assert_eq!(answer.await.unwrap(), (200, "null".to_owned()));
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason() {
    let mut sidecar = Plan::new().start().await;
    let answer = sidecar.asking(Method::POST, "/snapshot/full");
    let taking = sidecar.taking().await;
    taking
        .end
        .send(Err("the store is down\u{1b}[2J".to_owned()))
        .unwrap();
    let (status, why) = answer.await.unwrap();
    assert_eq!((status, why.as_str()), (500, "the store is down\\u{1b}[2J"));
}

#[tokio::test]
async fn the_newest_chain_is_told() {
    let sidecar = Plan::new().start().await;
    let none = r#"{"fullSnapshot":null,"deltaSnapshots":null}"#;
    assert_eq!(
        sidecar.get("/snapshot/latest").await,
        (200, none.to_owned())
    );
    *sidecar.snapshots.latest.lock().unwrap() = Latest {
        full_snapshot: Some(snapshot(Wanted::Full(Ending::Ordinary), 7)),
        delta_snapshots: Some(vec![]),
    };
    let one = format!(r#"{{"fullSnapshot":{FULL},"deltaSnapshots":[]}}"#);
    assert_eq!(sidecar.get("/snapshot/latest").await, (200, one));
}

#[tokio::test]
async fn without_a_store_there_is_nothing_to_trigger() {
    let mut plan = Plan::new();
    plan.has_store = false;
    let sidecar = plan.start().await;
    for path in ["/snapshot/full", "/snapshot/delta", "/snapshot/latest"] {
        let (status, why) = sidecar.get(path).await;
        assert_eq!(
            (status, why.as_str()),
            (405, "no store is configured"),
            "{path}"
        );
    }
}

/// A 405 while members elect failed the task of an operator for good.
#[tokio::test]
async fn an_election_is_waited_for() {
    let mut plan = Plan::new();
    plan.role = Role::Unknown;
    let mut sidecar = plan.start().await;
    let answer = sidecar.asking(Method::POST, "/snapshot/full");
    sidecar.until_a_leader_is_waited_for().await;
    assert!(!answer.is_finished());
    sidecar.role.send(Role::Leader).unwrap();
    sidecar.taking().await.done(7);
    assert_eq!(answer.await.unwrap().0, 200);
}

#[tokio::test]
async fn without_a_leader_it_ends_some_time() {
    let mut plan = Plan::new();
    plan.role = Role::Unknown;
    plan.settings.limits.wait_for_leader = std::time::Duration::from_millis(50);
    let sidecar = plan.start().await;
    let (status, why) = sidecar.post("/snapshot/delta").await;
    assert_eq!((status, why.as_str()), (405, "no etcd is known to lead"));
    sidecar.etcd.send_replace(EtcdHealth::Silent {
        why: "connection refused".to_owned(),
    });
    let (_, why) = sidecar.post("/snapshot/delta").await;
    assert!(
        why.ends_with("to lead: etcd does not answer: connection refused"),
        "{why}"
    );
}

#[tokio::test]
async fn a_token_is_asked_for_where_one_is_set() {
    let mut plan = Plan::new();
    let token = plan.room.path().join("token");
    std::fs::write(&token, "s3cret\n").unwrap();
    plan.settings.triggers = TriggerAccess::Token(token);
    let mut sidecar = plan.start().await;
    for (status, request) in [
        (401, plain().post(sidecar.url("/snapshot/full"))),
        (
            401,
            plain()
                .post(sidecar.url("/snapshot/delta"))
                .bearer_auth("guess"),
        ),
    ] {
        assert_eq!(said(request.send().await).await.0, status);
    }
    assert!(sidecar.taking.try_recv().is_err());
    let request = plain()
        .post(sidecar.url("/snapshot/full"))
        .bearer_auth("s3cret");
    let answer = tokio::spawn(async move { said(request.send().await).await });
    sidecar.taking().await.done(7);
    assert_eq!(answer.await.unwrap().0, 200);
    // Who only looks needs none.
    assert_eq!(sidecar.get("/metrics").await.0, 200);
}

/// A page that an operator looks at must not take snapshots in their name.
#[tokio::test]
async fn a_web_page_triggers_nothing() {
    let mut sidecar = Plan::new().start().await;
    for path in ["/snapshot/full", "/initialization/start", "/config"] {
        let request = plain()
            .get(sidecar.url(path))
            .header("origin", "http://evil.example");
        assert_eq!(said(request.send().await).await.0, 403, "{path}");
    }
    assert!(sidecar.taking.try_recv().is_err() && sidecar.initializing.try_recv().is_err());
}
