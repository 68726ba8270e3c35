//! Leases in a real kube-apiserver, with the rights that etcd-druid gives, and without.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use kubernetes::content::{Deltas, Full, Member, MemberRole, PEER_TLS, Peers, delta, full, member};
use kubernetes::{
    ApiServer, Error, ErrorKind, InCluster, Leases, Renewal, Renewed, ServiceAccount, renew,
};
use serde_json::Value;
use testkit::kube;

const ACCOUNT: kube::ServiceAccount<'static> = kube::ServiceAccount {
    namespace: "shoot",
    name: "etcd-main",
};

/// As much as is needed of what druid's Role allows.
const NEEDED: [&str; 2] = ["get", "patch"];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_338_849 + second).unwrap()
}

/// The leases as a pod sees them to whom this is mounted.
fn in_cluster(server: &kube::ApiServer, mounted: &Path) -> InCluster {
    let server = ApiServer {
        host: Some("127.0.0.1".to_owned()),
        port: Some(server.port().to_string()),
    };
    InCluster::new(server, ServiceAccount::at(mounted), None)
}

fn spec<'a>(lease: &'a Value, key: &str) -> &'a str {
    lease["spec"][key].as_str().unwrap()
}

async fn kind_of(leases: &InCluster, name: &str) -> (ErrorKind, String) {
    let error: Error = leases.read(name).await.unwrap_err();
    (error.kind(), error.to_string())
}

/// One server for all of it: it takes seconds to start.
#[tokio::test(flavor = "multi_thread")]
async fn leases_are_as_druid_reads_them() {
    let server = kube::ApiServer::start("3.6.16").await.unwrap();
    let mounted = tempfile::tempdir().unwrap();
    server.make_account(ACCOUNT).await.unwrap();
    for name in ["main-full-snap", "main-delta-snap", "etcd-main-0"] {
        server.make_lease(ACCOUNT.namespace, name).await.unwrap();
    }
    server.mount(ACCOUNT, mounted.path()).await.unwrap();
    let leases = in_cluster(&server, mounted.path());
    nobody_is_allowed_by_chance(&leases).await;
    server.allow_leases(ACCOUNT, &NEEDED).await.unwrap();
    the_three_are_written(&server, &leases).await;
    what_was_changed_meanwhile_is_read_again(&leases).await;
    tokens_are_replaced(&server, &leases, mounted.path()).await;
    let server = server.restart_with_another_ca().await.unwrap();
    a_ca_is_replaced(&server, &leases, mounted.path()).await;
}

async fn nobody_is_allowed_by_chance(leases: &InCluster) {
    let (kind, told) = kind_of(leases, "main-full-snap").await;
    assert_eq!(kind, ErrorKind::Denied, "{told}");
    assert!(told.contains("403") && told.contains("Role"), "{told}");
}

async fn the_three_are_written(server: &kube::ApiServer, leases: &InCluster) {
    let (namespace, newest) = (
        ACCOUNT.namespace,
        Full {
            revision: 1354,
            created: at(0),
        },
    );
    let decide = |lease: &_| full(lease, newest);
    let written = renew(leases, "main-full-snap", decide).await.unwrap();
    assert!(matches!(written, Renewed::Written(_)));
    let again = renew(leases, "main-full-snap", decide).await.unwrap();
    assert_eq!(again, Renewed::AsItWas);
    let lease = server.lease(namespace, "main-full-snap").await.unwrap();
    assert_eq!(spec(&lease, "holderIdentity"), "1354");
    assert_eq!(
        spec(&lease, "renewTime").parse::<Timestamp>().unwrap(),
        at(0)
    );

    let deltas = Deltas {
        revision: Some(1360),
        full: 1354,
        complete_until: at(60),
    };
    renew(leases, "main-delta-snap", |lease| delta(lease, deltas))
        .await
        .unwrap();
    let lease = server.lease(namespace, "main-delta-snap").await.unwrap();
    assert_eq!(spec(&lease, "holderIdentity"), "1360");

    let role = MemberRole::Leader;
    let is = Member {
        id: 0xa1,
        cluster: 0xc7,
        role,
        peers: Peers::Tls,
    };
    renew(leases, "etcd-main-0", |_| Some(member(is, at(5))))
        .await
        .unwrap();
    let lease = server.lease(namespace, "etcd-main-0").await.unwrap();
    assert_eq!(spec(&lease, "holderIdentity"), "a1:c7:Leader");
    assert_eq!(lease["metadata"]["annotations"][PEER_TLS], "true");

    // None is made, whatever the rights: they belong to whoever made the pod.
    let (kind, told) = kind_of(leases, "etcd-main-7").await;
    assert_eq!(kind, ErrorKind::NotFound, "{told}");
}

/// Two who renew at once: the older state of one must not take the place of what the other wrote.
async fn what_was_changed_meanwhile_is_read_again(leases: &InCluster) {
    let renewal = |holder: &str| Renewal {
        holder: holder.to_owned(),
        at: at(90),
        annotation: None,
    };
    let stale = leases.read("main-delta-snap").await.unwrap();
    leases
        .write("main-delta-snap", &stale, &renewal("1370"))
        .await
        .unwrap();
    let refused = leases
        .write("main-delta-snap", &stale, &renewal("1365"))
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
    let now = leases.read("main-delta-snap").await.unwrap();
    assert_eq!(now.holder.as_deref(), Some("1370"));
}

async fn tokens_are_replaced(server: &kube::ApiServer, leases: &InCluster, mounted: &Path) {
    let token = mounted.join("token");
    fs::write(&token, "of nobody").unwrap();
    let (kind, told) = kind_of(leases, "main-full-snap").await;
    assert_eq!(kind, ErrorKind::Denied, "{told}");
    assert!(
        told.contains("401") && !told.contains("of nobody"),
        "{told}"
    );
    fs::write(&token, server.token(ACCOUNT).await.unwrap()).unwrap();
    leases.read("main-full-snap").await.unwrap();
}

async fn a_ca_is_replaced(server: &kube::ApiServer, leases: &InCluster, mounted: &Path) {
    let (kind, told) = kind_of(leases, "main-full-snap").await;
    assert_eq!(kind, ErrorKind::Unreachable, "{told}");
    assert!(told.contains("certificate"), "{told}");
    server.mount(ACCOUNT, mounted).await.unwrap();
    leases.read("main-full-snap").await.unwrap();
}
