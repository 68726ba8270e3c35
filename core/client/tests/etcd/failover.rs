//! Several members, of which one is asked.

use client::{Client, ErrorKind, Etcd as _, Read, Vote, WatchItem, WatchStream};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

use crate::reach::{client_of, config, fresh, once, retries, run};
use crate::watch::{contiguous, from, until};

/// Nobody listens there.
const DEAD: &str = "http://127.0.0.1:1";

fn a_dead_endpoint_is_passed_over(version: &str) {
    let etcd = fresh(version);
    etcd.put(b"a", b"1").unwrap();
    run(async {
        let client = client_of(config(&[DEAD, etcd.client_url()])).await;
        assert_eq!(client.endpoint().to_string(), DEAD);
        let mut watch = client.watch(from(2)).await.unwrap();
        assert_eq!(watch.endpoint().to_string(), etcd.client_url());
        contiguous(until(&mut *watch, 2).await, 2);
        // Once is enough: it is not asked again.
        assert_eq!(client.endpoint().to_string(), etcd.client_url());
        // Nothing was sent to the dead one, so what changes something goes on, too.
        let client = client_of(config(&[DEAD, etcd.client_url()])).await;
        client.compact(2, client::Compaction::Done).await.unwrap();
        let dead = Client::new(config(&[DEAD]), once()).await.unwrap();
        let error = dead.status().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        let told = error.to_string();
        assert!(
            told.starts_with("ask for the status at http://127.0.0.1:1: no connection: "),
            "{told}"
        );
        assert!(told.contains("refused"), "{told}");
    });
}

/// What breaks a watch, after what was still on its way.
async fn broken(watch: &mut dyn WatchStream) -> client::Error {
    loop {
        match watch.next().await {
            Ok(WatchItem::Batch(_) | WatchItem::Progress { .. }) => {}
            Ok(canceled) => panic!("{canceled:?}"),
            Err(error) => return error,
        }
    }
}

fn a_member_restarts_under_a_watch(version: &str) {
    let mut etcd = fresh(version);
    etcd.put(b"a", b"1").unwrap();
    run(async {
        let client = client_of(config(&[etcd.client_url()])).await;
        let mut watch = client.watch(from(2)).await.unwrap();
        contiguous(until(&mut *watch, 2).await, 2);
        etcd.restart_in_place().unwrap();
        let error = broken(&mut *watch).await;
        assert!(error.is_passing(), "{error} {error:?}");
        let over = watch.next().await.unwrap_err();
        assert_eq!(over.kind(), ErrorKind::Protocol, "{over}");
        etcd.put(b"a", b"2").unwrap();
        let mut watch = client.watch(from(3)).await.unwrap();
        assert_eq!(contiguous(until(&mut *watch, 3).await, 3).len(), 1);
    });
}

/// The member that is asked dies: the watch goes on at another one, without a hole. With two of three dead
/// nobody leads, and that is no answer.
fn a_member_dies_and_another_goes_on(version: &str) {
    let binary = oracles::etcd(version).unwrap();
    let room = tempfile::tempdir().unwrap();
    let members = Member::cluster(["one", "two", "three"]).unwrap();
    let members = members.map(|member| {
        let data = room.path().join(member.name());
        (member, data)
    });
    let mut etcds = Etcd::serving_cluster(&binary, &members, &[]).unwrap();
    etcds[1].put(b"a", b"1").unwrap();
    run(async {
        let urls: Vec<_> = etcds.iter().map(Etcd::client_url).collect();
        let client = client_of(config(&urls)).await;
        let mut watch = client.watch(from(2)).await.unwrap();
        contiguous(until(&mut *watch, 2).await, 2);
        assert_eq!(watch.endpoint().to_string(), urls[0]);
        etcds[0].kill_now().unwrap();
        let error = broken(&mut *watch).await;
        assert!(error.is_passing(), "{error} {error:?}");
        let head = client.head(Read::Agreed).await.unwrap();
        let mut watch = client.watch(from(2)).await.unwrap();
        assert_ne!(watch.endpoint().to_string(), urls[0]);
        contiguous(until(&mut *watch, head.revision).await, 2);
        let dead = client.endpoint();
        let at_dead = client::Endpoint::parse(urls[0], client::Scheme::Clear).unwrap();
        // Asked at one alone, no other answers in its place.
        let alone = Client::new(config(&[urls[0]]), once()).await.unwrap();
        assert!(alone.head(Read::Local).await.unwrap_err().is_passing());
        assert_eq!(client.at(&at_dead).endpoint(), at_dead);
        assert_eq!(client.endpoint(), dead);
        etcds[1].kill_now().unwrap();
        let last = config(&[urls[2]]);
        let last = Client::new(last, once()).await.unwrap();
        let error = broken(&mut *last.watch(from(2)).await.unwrap()).await;
        assert_eq!(error.kind(), ErrorKind::NoLeader, "{error}");
        // What it has applied it still tells.
        assert_eq!(last.head(Read::Local).await.unwrap().revision, 2);
        assert!(last.head(Read::Agreed).await.unwrap_err().is_passing());
    });
    for etcd in &mut etcds {
        etcd.kill();
    }
}

/// A learner serves snapshots and what it has applied itself, but no watch: that is for another member.
fn a_learner_is_passed_over_for_what_it_does_not_do(version: &str) {
    let etcd = fresh(version);
    let member = etcd.member().joined_by("learner").unwrap();
    let room = tempfile::tempdir().unwrap();
    run(async {
        etcd.put(b"a", b"1").unwrap();
        let client = client_of(config(&[etcd.client_url()])).await;
        let urls = vec![member.peer_url().to_owned()];
        client.add_member(urls, Vote::Learner).await.unwrap();
        let binary = oracles::etcd(version).unwrap();
        let flags = ["--initial-cluster-state", "existing"].map(str::to_owned);
        let learner = Etcd::starting(&binary, &member, &room.path().join("data"), &flags).unwrap();
        let alone = client_of(config(&[learner.client_url()])).await;
        // Until it has heard of what was written.
        while alone
            .head(Read::Local)
            .await
            .map_or(0, |head| head.revision)
            < 2
        {}
        assert!(alone.status().await.unwrap().learner);
        let both = config(&[learner.client_url(), etcd.client_url()]);
        let both = Client::new(both, retries()).await.unwrap();
        let mut snapshot = both.snapshot().await.unwrap();
        let from_learner = snapshot.endpoint().to_string() == learner.client_url();
        // 3.4.23 refuses this, too.
        assert!(from_learner || version.starts_with("3.4"));
        crate::snapshot::drained(&mut *snapshot).await;
        let alone = config(&[learner.client_url()]);
        let alone = Client::new(alone, once()).await.unwrap();
        let refused = alone.watch(from(1)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Learner, "{refused}");
        let watch = both.watch(from(1)).await.unwrap();
        assert_eq!(watch.endpoint().to_string(), etcd.client_url());
    });
}

testkit::on_every_etcd!(
    a_dead_endpoint_is_passed_over,
    a_member_restarts_under_a_watch,
    a_member_dies_and_another_goes_on,
    a_learner_is_passed_over_for_what_it_does_not_do
);
