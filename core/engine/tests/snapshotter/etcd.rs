use std::sync::Arc;
use std::time::Duration;

use client::scripted::{Asked, Said};
use client::{LeaseTime, WatchItem};
use engine::snapshot::taking::Wanted;
use jiff::Timestamp;

use crate::world::World;

/// etcd before 3.4.31 and 3.5.13 lost events after a compaction: a delta with a hole looked like any other.
#[tokio::test]
async fn events_that_etcd_has_lost_take_a_full() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts(3);
        world.loses(2);
        world.sends_full(26);
        world.puts(1);
        world
            .until("a second full", async || world.told("FullTaken") == 2)
            .await;
        world.puts(2);
        world.until_stored(28).await;
    });
    let report = report.await.unwrap();
    assert_eq!(report.reaches, Some(28));
    assert_eq!(world.told("EventsMissing { first: 24, last: 25 }"), 1);
    assert_eq!(world.told("Hole"), 1);
    let deltas = world
        .names()
        .await
        .into_iter()
        .filter(|name| name.starts_with("Incr"));
    let deltas: Vec<String> = deltas.map(|name| name[5..22].to_owned()).collect();
    assert_eq!(deltas, ["00000021-00000023", "00000027-00000028"]);
}

/// A watch that begins after what a member has applied is silent for ever: a follower that lags, or an etcd that was
/// restored. Only an agreed read tells which.
#[tokio::test]
async fn a_follower_that_lags_is_no_other_history() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts(3);
        world.until_stored(23).await;
        world.etcd.facts(|facts| facts.lag = 5);
        let broke = client::Error::new(client::ErrorKind::Unavailable, "watch", "gone");
        world.etcd.says([Said::Fails(broke)]);
        world.until_told("and the watch begins at 24").await;
        world.etcd.facts(|facts| facts.lag = 0);
        world.puts(2);
        world.until_stored(25).await;
    });
    let report = report.await.unwrap();
    assert_eq!((report.fulls, report.reaches), (1, Some(25)));
    assert_eq!(world.told("NewLineage"), 1);
}

/// The watch was cancelled with a compaction, with no reason and revision 0.
#[tokio::test]
async fn a_compaction_that_overtakes_the_watch_takes_a_full() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts(3);
        world.until_stored(23).await;
        world.loses(10);
        world.sends_full(33);
        world.etcd.says([Said::Item(WatchItem::Canceled {
            compact_revision: Some(30),
            reason: String::new(),
        })]);
        world
            .until("a second full", async || world.told("FullTaken") == 2)
            .await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(33));
    assert_eq!(world.told("Hole { first: 24, last: 33 }"), 1);
}

/// A clock that goes back: names sorted by time led to an older state.
#[tokio::test]
async fn names_ascend_whatever_the_clock_says() {
    let mut world = World::new();
    let clock = world.clock.clone();
    let begun = Timestamp::from_second(1_800_000_000).unwrap();
    world.settings.now = Arc::new(move || begun - clock.passed());
    let report = world.run(async {
        world.until_told("FullTaken").await;
        for last in [22, 24, 26] {
            world.puts(2);
            world.until_stored(last).await;
        }
    });
    report.await.unwrap();
    let names = world.names().await;
    let created: Vec<i64> = names
        .iter()
        .map(|name| name.split('-').nth(3).unwrap().parse().unwrap())
        .collect();
    assert_eq!(created.len(), 4);
    assert!(created.is_sorted(), "{names:?}");
}

/// A restored key lived for ever, or not at all: nobody had written down how long its lease lasts.
#[tokio::test]
async fn the_time_of_a_lease_is_asked_once_and_one_that_is_over_delays_nothing() {
    let world = World::new();
    let known = i64::MAX - 5;
    let time = LeaseTime {
        granted: 60,
        left: 30,
    };
    world.etcd.facts(|facts| facts.leases.insert(known, time));
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts_on_lease(2, known);
        world.puts_on_lease(1, 8);
        world.until_stored(23).await;
    });
    report.await.unwrap();
    assert_eq!(world.asked(|asked| *asked == Asked::LeaseTime(known)), 1);
    let names = world.names().await;
    let delta = world.read(&format!("v2/{}", names[1])).await;
    assert_eq!(
        delta.matches(&format!("\"lease\":{known}")).count(),
        2,
        "{delta}"
    );
    assert_eq!(delta.matches("\"leaseTTL\":60").count(), 2, "{delta}");
    assert_eq!(delta.matches("\"lease\":8").count(), 1, "{delta}");
}

/// Whoever asks gets a delta at once, and a full; what leads on is not broken by either.
#[tokio::test]
async fn what_is_wanted_is_taken_at_once() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts(3);
        let all_read = async || world.etcd.left_to_say() == 0;
        world.until("events are read", all_read).await;
        world.moves_on().await;
        let begun = world.clock.passed();
        world.requests.send(Wanted::Delta);
        world.until_stored(23).await;
        assert!(world.clock.passed() - begun < Duration::from_secs(20));
        world.sends_full(23);
        world.requests.send(Wanted::Full);
        world
            .until("a full", async || world.told("FullTaken") == 2)
            .await;
        world.puts(2);
        world.until_stored(25).await;
    });
    let report = report.await.unwrap();
    assert_eq!(
        (report.fulls, report.deltas, report.reaches),
        (2, 2, Some(25))
    );
    assert_eq!(world.told("Hole"), 0);
}

/// Users were checked from some moment on: the watch went on, nothing else was answered, and nobody heard of it. Users and
/// roles were in no backup from there on.
#[tokio::test]
async fn that_etcd_refuses_is_said_while_the_watch_goes_on() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts(2);
        let refused = || {
            client::Error::new(
                client::ErrorKind::Unauthenticated,
                "auth",
                "user name is empty",
            )
        };
        world
            .etcd
            .refuse(|asked| matches!(asked, Asked::Members(_)), refused());
        world.until_told("Refused").await;
        world.puts(1);
        world.until_stored(23).await;
    });
    assert_eq!(report.await.unwrap().reaches, Some(23));
}

/// litestream once stopped in silence, and nobody saw it.
#[tokio::test]
async fn silence_is_an_alarm() {
    let world = World::new();
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.loses(3);
        world.until_told("Silence { head: 23, read: 20 }").await;
        // It is asked again, in one piece.
        let is_whole = |asked: &Asked| matches!(asked, Asked::Watch(from) if from.large == client::Large::Whole);
        assert_eq!(world.asked(is_whole), 1);
        assert!(world.clock.passed() >= Duration::from_secs(60));
    });
    report.await.unwrap();
}
