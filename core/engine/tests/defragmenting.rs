//! What stops a defragmentation, on a scripted etcd. Real clusters are in cli/tests/defragment.rs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;
use std::time::Duration;

use client::scripted::{Asked, Scripted};
use client::{Alarm, AlarmKind, Endpoint, Error as Said, ErrorKind, Member, Scheme};
use engine::defragment::{Error, MinGain, Mode, Outcome, Report, Request, Result, Unhealthy, run};
use snapstore::clock::SystemClock;
use tokio_util::sync::CancellationToken;

/// An etcd of one member, half of whose file is free.
fn alone() -> Scripted {
    let endpoint = Endpoint::parse("scripted:1", Scheme::Clear).unwrap();
    let etcd = Scripted::new(endpoint, Arc::new(SystemClock));
    etcd.facts(|facts| {
        (facts.status.db_size, facts.status.db_size_in_use) = (4 << 20, 2 << 20);
        facts.members.members = vec![Member {
            id: facts.head.member_id,
            name: "one".to_owned(),
            client_urls: vec!["http://scripted:1".to_owned()],
            ..Member::default()
        }];
    });
    etcd
}

async fn defragmented(etcd: &Scripted) -> Result<Report> {
    let request = Request {
        min_gain: MinGain::Percent(10),
        within: Duration::from_secs(60),
        endpoints: Vec::new(),
        mode: Mode::Defragment,
    };
    run(etcd, &request, &SystemClock, &CancellationToken::new()).await
}

fn asked(etcd: &Scripted) -> usize {
    let asked = etcd.asked();
    asked
        .iter()
        .filter(|one| **one == Asked::Defragment)
        .count()
}

fn alarm(kind: AlarmKind) -> Alarm {
    Alarm {
        member_id: 0xa1,
        kind,
    }
}

fn unhealthy(failed: Result<Report>) -> Unhealthy {
    match failed {
        Err(Error::Unhealthy { unhealthy, done }) if done.members.is_empty() => unhealthy,
        other => unreachable!("{other:?}"),
    }
}

/// A full quota is what a defragmentation is the remedy for; members that differ are not.
#[tokio::test]
async fn only_the_alarm_of_damage_stops_it() {
    let etcd = alone();
    etcd.facts(|facts| facts.alarms = vec![alarm(AlarmKind::NoSpace)]);
    let report = defragmented(&etcd).await.unwrap();
    assert_eq!(report.members[0].outcome, Outcome::Defragmented);
    assert_eq!(asked(&etcd), 1);
    let etcd = alone();
    etcd.facts(|facts| facts.alarms = vec![alarm(AlarmKind::Corrupt)]);
    let told = unhealthy(defragmented(&etcd).await);
    assert_eq!(told, Unhealthy::Corrupt("one".to_owned()));
    assert_eq!(asked(&etcd), 0);
}

/// Alarms that cannot be asked for are not no alarms.
#[tokio::test]
async fn what_is_not_known_stops_it() {
    let etcd = alone();
    let refused = Said::new(
        ErrorKind::PermissionDenied,
        "list alarms",
        "permission denied",
    );
    etcd.refuse(|asked| *asked == Asked::Alarms, refused);
    let told = unhealthy(defragmented(&etcd).await);
    assert!(matches!(told, Unhealthy::Alarms(_)), "{told}");
    let etcd = alone();
    etcd.facts(|facts| facts.members.members[0].client_urls.clear());
    let told = unhealthy(defragmented(&etcd).await);
    assert_eq!(told, Unhealthy::NotStarted("one".to_owned()));
    // Each member of a cluster on one machine may say `localhost`: who answers there is another.
    let etcd = alone();
    etcd.facts(|facts| facts.members.members[0].id = 0xb2);
    let told = unhealthy(defragmented(&etcd).await);
    assert!(
        told.to_string().contains("another member answers"),
        "{told}"
    );
    let etcd = alone();
    etcd.facts(|facts| facts.status.leader = None);
    assert_eq!(unhealthy(defragmented(&etcd).await), Unhealthy::Leaders(0));
    assert_eq!(asked(&etcd), 0);
}

/// A member that fails is named, and counts for nothing.
#[tokio::test]
async fn a_member_that_refuses_is_not_defragmented() {
    let etcd = alone();
    let refused = Said::new(ErrorKind::Refused, "defragment", "no space left on device");
    etcd.refuse(|asked| *asked == Asked::Defragment, refused);
    let failed = defragmented(&etcd).await.unwrap_err();
    assert!(failed.done().unwrap().members.is_empty(), "{failed:?}");
    let told = failed.to_string();
    assert!(
        told.contains("one was not defragmented") && told.contains("no space left"),
        "{told}"
    );
}
