use bytes::Bytes;
use client::{Alarm, AlarmKind, AuthState, Compaction, ErrorKind, Etcd as _, Read, Vote};

use crate::reach::{client, fresh, run, with_flags};

fn a_member_says_what_it_is(version: &str) {
    let etcd = fresh(version);
    etcd.put(b"a", b"1").unwrap();
    run(async {
        let client = client(&etcd).await;
        let status = client.status().await.unwrap();
        assert_eq!(status.version, version);
        assert_eq!(status.header.revision, 2);
        assert_eq!(status.leader, Some(status.header.member_id));
        assert!(status.db_size >= status.db_size_in_use && status.db_size_in_use > 0);
        assert!(!status.learner && status.errors.is_empty());
        let since_3_6 = version.starts_with("3.6") || version.starts_with("3.7");
        assert_eq!(status.db_size_quota.is_some(), since_3_6);
        for read in [Read::Local, Read::Agreed] {
            let head = client.head(read).await.unwrap();
            assert_eq!(head.member_id, status.header.member_id);
            assert_eq!(head.revision, 2);
            let members = client.members(read).await.unwrap().members;
            assert_eq!(members.len(), 1);
            assert_eq!(members[0].id, head.member_id);
            assert_eq!(members[0].client_urls, [etcd.client_url()]);
        }
        match client.auth().await.unwrap() {
            AuthState::NotTold => assert!(version.starts_with("3.4")),
            AuthState::Known { enabled, revision } => {
                assert!(!enabled && revision > 0 && !version.starts_with("3.4"));
            }
        }
    });
}

fn a_key_is_read_as_it_was(version: &str) {
    let etcd = fresh(version);
    for value in ["1", "2", "3"] {
        etcd.put(b"a", value.as_bytes()).unwrap();
    }
    run(async {
        let client = client(&etcd).await;
        let at = |revision| client.key_at(Bytes::from_static(b"a"), revision, Read::Local);
        let second = at(3).await.unwrap().unwrap();
        assert_eq!(
            (second.value, second.version),
            (Bytes::from_static(b"2"), 2)
        );
        let none = client.key_at(Bytes::from_static(b"b"), 3, Read::Agreed);
        assert_eq!(none.await.unwrap(), None);
        assert_eq!(at(9).await.unwrap_err().kind(), ErrorKind::Future);
        client.compact(4, Compaction::Decided).await.unwrap();
        assert_eq!(at(3).await.unwrap_err().kind(), ErrorKind::Compacted);
        let again = client.compact(4, Compaction::Decided).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Compacted);
        let future = client.compact(90, Compaction::Done).await.unwrap_err();
        assert_eq!(future.kind(), ErrorKind::Future);
    });
}

fn a_hash_is_the_one_that_etcd_tells_others(version: &str) {
    let etcd = fresh(version);
    for _ in 0..9 {
        etcd.put(b"a", b"").unwrap();
    }
    run(async {
        let client = client(&etcd).await;
        let never = client.hash_kv(8).await.unwrap();
        assert_eq!(never.hash, etcd.hash_kv(8).unwrap().hash);
        assert_eq!(never.compact_revision, None);
        client.compact(5, Compaction::Done).await.unwrap();
        let hash = client.hash_kv(0).await.unwrap();
        assert_eq!(hash.hash, etcd.hash_kv(0).unwrap().hash);
        assert_eq!(hash.compact_revision, Some(5));
        let past = client.hash_kv(3).await.unwrap_err();
        assert_eq!(past.kind(), ErrorKind::Compacted, "{past}");
        let future = client.hash_kv(90).await.unwrap_err();
        assert_eq!(future.kind(), ErrorKind::Future, "{future}");
    });
}

fn leases_are_listed_and_timed(version: &str) {
    let etcd = fresh(version);
    // Above 2^53, where a number of JSON would be another.
    let ids = [7, i64::MAX - 1];
    for id in ids {
        etcd.grant(id, 600).unwrap();
    }
    run(async {
        let client = client(&etcd).await;
        assert_eq!(client.leases().await.unwrap(), ids);
        for id in ids {
            let time = client.lease_time(id).await.unwrap().unwrap();
            assert_eq!(time.granted, 600);
            assert!((1..=600).contains(&time.left));
        }
        assert_eq!(client.lease_time(8).await.unwrap(), None);
    });
}

/// A member that is only a name yet: it is added, changed and removed again.
fn members_come_and_go(version: &str) {
    let etcd = fresh(version);
    run(async {
        let client = client(&etcd).await;
        let url = |port| vec![format!("http://127.0.0.1:{port}")];
        let added = client.add_member(url(1), Vote::Learner).await.unwrap();
        assert!(added.learner && added.name.is_empty());
        let not_yet = client.promote_member(added.id).await.unwrap_err();
        assert_eq!(not_yet.kind(), ErrorKind::Refused, "{not_yet}");
        client.update_member(added.id, url(2)).await.unwrap();
        let members = client.members(Read::Agreed).await.unwrap().members;
        let known = members.iter().find(|member| member.id == added.id);
        assert_eq!(known.unwrap().peer_urls, url(2));
        client.remove_member(added.id).await.unwrap();
        // 3.5.1 gives no answer to some changes that come right after another one.
        etcd.put(b"a", b"").unwrap();
        let again = client.remove_member(added.id).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::NotFound, "{again}");
        assert_eq!(client.members(Read::Local).await.unwrap().members.len(), 1);
    });
}

/// A database that is full is told, is backed up all the same, and serves again afterwards.
fn an_alarm_is_told_and_taken_back(version: &str) {
    let (etcd, _room) = with_flags(version, &["--quota-backend-bytes", "1000000"]);
    run(async {
        let client = client(&etcd).await;
        assert_eq!(client.alarms().await.unwrap(), []);
        while etcd.put(b"a", &[7; 100_000]).is_ok() {}
        let member_id = client.head(Read::Local).await.unwrap().member_id;
        let kind = AlarmKind::NoSpace;
        let alarm = Alarm { member_id, kind };
        assert_eq!(client.alarms().await.unwrap(), [alarm]);
        assert!(!client.status().await.unwrap().errors.is_empty());
        let mut stream = client.snapshot().await.unwrap();
        crate::snapshot::drained(&mut *stream).await;
        client.disarm(alarm).await.unwrap();
        assert_eq!(client.alarms().await.unwrap(), []);
    });
}

testkit::on_every_etcd!(
    a_member_says_what_it_is,
    a_key_is_read_as_it_was,
    a_hash_is_the_one_that_etcd_tells_others,
    leases_are_listed_and_timed,
    members_come_and_go,
    an_alarm_is_told_and_taken_back
);
