//! The status page, as a browser asks for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use server::{Role, StatusPage, StoreLook};
use tokio::sync::watch;

use crate::client::plain;
use crate::world::Plan;

/// A fake of a store that was never listed, and that counts who looks.
struct Looked(AtomicUsize);

impl StoreLook for Looked {
    fn look(&self) -> page::Store {
        self.0.fetch_add(1, Ordering::Relaxed);
        page::Store {
            location: "s3://bucket/prefix".to_owned(),
            every: Duration::from_secs(300),
            listing: None,
            fault: None,
            drill: page::drill::Drill::Unnamed,
            command: page::Command(Arc::new(|_| String::new())),
        }
    }
}

fn with_page(store: Option<Arc<Looked>>) -> Plan {
    let mut plan = Plan::new();
    plan.page = Some(StatusPage {
        store: store.map(|store| store as Arc<dyn StoreLook>),
        member: watch::Sender::new(None).subscribe(),
        members: Arc::new(|| None),
        work: Arc::new(Vec::new),
        delta_period: None,
    });
    plan
}

#[tokio::test]
async fn it_is_a_page_that_runs_nothing_but_its_own() {
    let looked = Arc::new(Looked(AtomicUsize::new(0)));
    let sidecar = with_page(Some(looked.clone())).start().await;
    let response = plain()
        .get(sidecar.url("/?window=1h"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let head = response.headers().clone();
    assert_eq!(head["content-type"], "text/html; charset=utf-8");
    assert_eq!(head["content-security-policy"], page::policy());
    assert_eq!(head["x-content-type-options"], "nosniff");
    assert_eq!(head["cache-control"], "no-store");
    let text = response.text().await.unwrap();
    assert!(
        text.contains("s3://bucket/prefix") && text.contains("is being listed"),
        "{text}"
    );
    assert_eq!(looked.0.load(Ordering::Relaxed), 1);
    // Whoever scrapes or probes does not look.
    for path in ["/metrics", "/status", "/healthz", "/readyz"] {
        sidecar.get(path).await;
    }
    assert_eq!(looked.0.load(Ordering::Relaxed), 1);
    assert_eq!(sidecar.post("/").await.0, 405);
}

#[tokio::test]
async fn it_tells_of_the_leader_where_another_leads() {
    let sidecar = with_page(None).start().await;
    sidecar.role.send_replace(Role::Follower {
        leader: "http://<other>:2379".to_owned(),
    });
    let (status, text) = sidecar.get("/").await;
    assert_eq!(status, 200);
    assert!(
        text.contains("follower; the etcd at http://&lt;other&gt;:2379 leads"),
        "{text}"
    );
    assert!(text.contains("No store is configured"), "{text}");
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let sidecar = Plan::new().start().await;
    let (status, text) = sidecar.get("/").await;
    assert_eq!((status, &*text), (404, "the status page is turned off"));
}
