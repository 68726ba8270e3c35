//! A full of which nothing is noted: the process ended between the object and its metadata.

use client::KeyValue;
use client::scripted::Asked;
use engine::snapshot::taking::Wanted;
use snapstore::{Bytes, Key, ListRequest, ObjectId, PutOptions, Snapstore, SnapstoreExt};
use testkit::synthetic::History;

use crate::world::World;

async fn newest_full(world: &World) -> String {
    let names = world.names().await.into_iter();
    let mut fulls = names.filter(|name| name.starts_with("Full-"));
    fulls.next_back().unwrap()
}

/// The revisions of the deltas.
async fn deltas(world: &World) -> Vec<String> {
    let names = world.names().await.into_iter();
    let deltas = names.filter(|name| name.starts_with("Incr-"));
    deltas.map(|name| name[5..22].to_owned()).collect()
}

/// A full named by revision 23 that holds 30 is the newest of the store, and its metadata is missing.
async fn with_a_full_that_holds_more(world: &World) {
    let report = world.run(async {
        world.until_told("FullTaken").await;
        world.puts(3);
        world.until_stored(23).await;
        world.sends_full(30);
        world.etcd.facts(|facts| facts.head.revision = 30);
        world.requests.send(Wanted::Full);
        let taken = async || world.told("FullTaken") == 2;
        world.until("the second full", taken).await;
    });
    report.await.unwrap();
    let full = newest_full(world).await;
    assert_eq!(&full[5..22], "00000000-00000023");
    let all = world.store.store.list_all(ListRequest::under("")).await;
    let of_full = |key: &str| key.contains(&*full) && !key.starts_with("v2/");
    let mut gone = 0;
    for object in all.unwrap() {
        if of_full(object.id.key.as_str()) {
            world.store.store.delete(&object.id).await.unwrap();
            gone += 1;
        }
    }
    assert_eq!(gone, 1, "its metadata");
}

/// etcd has the event of revision 30 that the full has.
fn has_the_last_event(world: &World) {
    let mut history = History::default();
    history.wander(30, 7);
    let event = history.events(30..=30).pop().unwrap();
    let key = Bytes::from(event.key.clone());
    let stored = KeyValue {
        key: key.clone(),
        value: Bytes::from(event.value.clone().unwrap()),
        create_revision: event.create_revision,
        mod_revision: 30,
        version: event.version,
        lease: event.lease,
    };
    world.etcd.facts(|facts| {
        facts.head.revision = 30;
        facts.keys.insert((key, 30), stored);
    });
}

/// Only what was noted of the objects before it proved the history. An etcd that had been restored to a state between the
/// name of the full and what it holds was taken for the one it is of: the deltas of another history were restored onto
/// it.
#[tokio::test]
async fn an_etcd_that_parted_below_what_it_holds_has_another_history() {
    let world = World::new();
    with_a_full_that_holds_more(&world).await;
    assert_eq!(world.told("NewLineage"), 1);
    // It has the event of revision 23, and another one of 30.
    world.etcd.facts(|facts| facts.head.revision = 40);
    world.sends_full(40);
    let report = world.run(async {
        let lineage = async || world.told("NewLineage") == 2;
        world.until("a lineage of its own", lineage).await;
        let taken = async || world.told("FullTaken") == 3;
        world.until("its full", taken).await;
    });
    assert_eq!(report.await.unwrap().fulls, 1);
}

#[tokio::test]
async fn the_etcd_it_is_of_is_followed_from_its_name() {
    let world = World::new();
    with_a_full_that_holds_more(&world).await;
    has_the_last_event(&world);
    let report = world.run(async {
        let watched = async || {
            world.asked(|asked| matches!(asked, Asked::Watch(watch) if watch.revision == 24)) == 2
        };
        world.until("a watch", watched).await;
        world.puts(3);
        for _ in 0..300 {
            world.moves_on().await;
        }
        assert_eq!(
            deltas(&world).await.len(),
            1,
            "none may end below what it holds"
        );
        world.puts(4);
        world.until_stored(30).await;
    });
    let report = report.await.unwrap();
    assert_eq!((report.fulls, world.told("NewLineage")), (0, 1));
    assert_eq!(
        deltas(&world).await,
        ["00000021-00000023", "00000024-00000030"]
    );
}

/// What cannot be read is no base for a delta.
#[tokio::test]
async fn one_that_is_damaged_is_followed_by_another() {
    let world = World::new();
    with_a_full_that_holds_more(&world).await;
    let key = Key::new(format!("v2/{}", newest_full(&world).await)).unwrap();
    let store = &world.store.store;
    let bytes = store.read(&ObjectId::from(key.clone())).await.unwrap();
    let mut bytes = bytes.to_vec();
    bytes[5000] ^= 1;
    let over = PutOptions::overwrite();
    store.put(&key, bytes.into(), over).await.unwrap();
    has_the_last_event(&world);
    world.sends_full(30);
    let report = world.run(async {
        let taken = async || world.told("FullTaken") == 3;
        world.until("another full", taken).await;
    });
    assert_eq!(report.await.unwrap().fulls, 1);
    assert_eq!(world.told("NewLineage"), 1);
    assert_eq!(world.told("Unreadable"), 1);
}
