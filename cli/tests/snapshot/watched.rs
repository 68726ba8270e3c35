use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use testkit::etcd::{Etcd, Op, Txn};
use testkit::{oracles, wait};

use crate::reference::restores_the_same;
use crate::snapshotter::{Snapshotter, leads_to, metadata, names};
use crate::support::Site;

/// Fulls and deltas of an etcd that is written to all the time; each revision that is said to be stored restores.
fn what_is_said_to_be_stored_restores(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    let stop = AtomicBool::new(false);
    let stored = thread::scope(|scope| {
        scope.spawn(|| {
            let mut number: u32 = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                write(&etcd, number);
                thread::sleep(Duration::from_millis(1));
            }
        });
        let mut snapshotter = Snapshotter::start(&site, &etcd, &["--schedule", "@every 3s"]);
        snapshotter.says("took delta");
        let is_full = |name: &String| name.starts_with("Full");
        let fulls = || names(&site).iter().filter(|name| is_full(name)).count();
        let second = || Ok((fulls() > 1).then_some(()));
        wait::until("a second full", Duration::from_secs(20), second).unwrap();
        let now = etcd.revision().unwrap();
        snapshotter.stores(now + 300);
        stop.store(true, Ordering::Relaxed);
        let run = snapshotter.stop();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(!run.stderr.contains("ERROR"), "{}", run.stderr);
        run
    });
    restores_the_same(&site, &etcd);
    // What was held is stored.
    let reaches = etcd.revision().unwrap();
    let log = stored.stderr;
    assert!(
        reaches - newest(&site) < 200,
        "{reaches} is not near: {log}"
    );
    for name in names(&site) {
        // A full whose upload ended in the moment of the stop was never reported, and nothing is noted of it.
        if !log.contains(&format!("took full v2/{name}")) && name.starts_with("Full") {
            continue;
        }
        let known = metadata(&site, &name);
        assert_eq!(known["etcd_version"], version);
        let named = || name.split('-').nth(2).unwrap().parse().unwrap();
        leads_to(&site, &etcd, known["holds"].as_i64().unwrap_or_else(named));
    }
}

/// What was written while no snapshotter ran is read by several watches (etcd sends 1,000 revisions each 100 ms to one): their
/// borders must neither lose an event nor take one twice, while it is written on.
fn what_was_missed_is_caught_up_with(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    // Else a full is taken when that is told.
    etcd.until_its_version_is_stored().unwrap();
    let site = Site::new();
    for number in 0..200 {
        write(&etcd, number);
    }
    let mut first = Snapshotter::start(&site, &etcd, &[]);
    first.stores(etcd.revision().unwrap());
    assert_eq!(first.stop().code, Some(0));
    for number in 200..6500 {
        write(&etcd, number);
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut number: u32 = 6500;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                write(&etcd, number);
            }
        });
        let mut snapshotter = Snapshotter::start(&site, &etcd, &[]);
        snapshotter.stores(etcd.revision().unwrap() + 300);
        stop.store(true, Ordering::Relaxed);
        let run = snapshotter.stop();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        // Deltas of the one full, and no watch that was begun anew.
        for word in ["ERROR", "anew", "took full"] {
            assert!(!run.stderr.contains(word), "{}", run.stderr);
        }
    });
    restores_the_same(&site, &etcd);
    leads_to(&site, &etcd, newest(&site));
}

fn newest(site: &Site) -> i64 {
    let names = names(site);
    let last = names.iter().map(|name| name.split('-').nth(2).unwrap());
    last.map(|text| text.parse().unwrap()).max().unwrap()
}

/// Puts, deletes, and transactions of several.
fn write(etcd: &Etcd, number: u32) {
    let key = |number: u32| format!("key-{:02}", number % 60).into_bytes();
    let put = |number| {
        Op::Put(
            key(number).as_slice().into(),
            vec![7; 300].as_slice().into(),
            0,
        )
    };
    let success = match number % 7 {
        0 => vec![Op::Delete(
            key(number + 3).as_slice().into(),
            b"".as_slice().into(),
        )],
        1 => vec![put(number), put(number + 1), put(number + 2)],
        _ => vec![put(number)],
    };
    let txn = Txn {
        success,
        ..Txn::default()
    };
    etcd.txn(&txn).unwrap();
}

testkit::on_every_etcd!(what_is_said_to_be_stored_restores);
testkit::on_every_etcd!(what_was_missed_is_caught_up_with);
