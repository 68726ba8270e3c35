use serde_json::Value;
use testkit::etcd::Etcd;
use testkit::oracles;

use crate::snapshotter::{command, leads_to, metadata, names};
use crate::support::{Run, Site};

fn taken(site: &Site, etcd: &Etcd, flags: &[&str]) -> Value {
    let run = Run::of(command(site, etcd, &[flags, &["-o", "json"]].concat()));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// A full and then deltas, each by a process of its own, as cron jobs take them.
fn one_at_a_time(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    let put = |number: i64| etcd.put(b"key", number.to_string().as_bytes()).unwrap();
    put(1);
    etcd.until_its_version_is_stored().unwrap();
    let full = taken(&site, &etcd, &["--once"]);
    assert_eq!(
        (&full["full"]["revision"], &full["reaches"]),
        (&2.into(), &2.into())
    );
    assert_eq!(full["full"]["holds"], 2);
    leads_to(&site, &etcd, 2);
    put(2);
    put(3);
    let delta = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&delta["delta"]["events"], &delta["full"]),
        (&2.into(), &Value::Null)
    );
    assert_eq!(
        (&delta["reaches"], &delta["lineage"]),
        (&4.into(), &full["lineage"])
    );
    leads_to(&site, &etcd, 4);
    // Nothing has happened since.
    let none = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&none["delta"], &none["reaches"]),
        (&Value::Null, &4.into())
    );
    put(4);
    let last = taken(&site, &etcd, &["full", "--final"]);
    let key = last["full"]["key"].as_str().unwrap();
    assert!(key.ends_with(".gz.final"), "{key}");
    assert_eq!(last["lineage"], full["lineage"]);
    leads_to(&site, &etcd, 5);
    assert_eq!(names(&site).len(), 3);
    for name in names(&site) {
        let known = metadata(&site, &name);
        assert_eq!(known["lineage"]["id"], full["lineage"], "{known}");
        assert!(known["witness"].is_object() && known["stored_sha256"].is_string());
    }
}

testkit::on_every_etcd!(one_at_a_time);

/// A cron job took deltas, somebody added a user and a role, and the next restore was without them: no event tells of
/// either, and only one that follows etcd looked.
fn a_delta_alone_does_not_lose_a_user(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"key", b"1").unwrap();
    etcd.until_its_version_is_stored().unwrap();
    let full = taken(&site, &etcd, &["full"]);
    etcd.put(b"key", b"2").unwrap();
    let delta = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&delta["full"], &delta["reaches"]),
        (&Value::Null, &3.into())
    );
    let user = serde_json::json!({"name": "somebody", "password": "a secret"});
    etcd.ask("auth/user/add", &user, None).unwrap();
    let run = Run::of(command(&site, &etcd, &["delta", "-o", "json"]));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let second: Value = serde_json::from_str(&run.stdout).unwrap();
    // 3.4 does not tell of it.
    if version == "3.4.23" {
        assert_eq!(second["full"], Value::Null);
        return;
    }
    assert!(
        run.stderr
            .contains("users or roles changed, which no delta holds"),
        "{}",
        run.stderr
    );
    assert_eq!(
        (&second["full"]["revision"], &second["lineage"]),
        (&3.into(), &full["lineage"])
    );
    leads_to(&site, &etcd, 3);
    etcd.put(b"key", b"3").unwrap();
    let third = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&third["full"], &third["reaches"]),
        (&Value::Null, &4.into())
    );
    leads_to(&site, &etcd, 4);
}

testkit::on_every_etcd!(a_delta_alone_does_not_lose_a_user);

/// More revisions than etcd sends at once: between two messages the time at which the delta would be due was computed as
/// for ever from now, which is more than a duration holds, and the process panicked.
#[test]
fn a_delta_that_comes_in_several_messages_is_whole() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    etcd.until_its_version_is_stored().unwrap();
    taken(&site, &etcd, &["full"]);
    for number in 0..3000_u32 {
        etcd.put(b"a", &number.to_le_bytes()).unwrap();
    }
    let delta = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&delta["delta"]["events"], &delta["reaches"]),
        (&3000.into(), &3002.into())
    );
    leads_to(&site, &etcd, 3002);
}

/// A delta cannot continue what etcd has compacted: it was said to be taken, and led nowhere.
#[test]
fn a_delta_that_nothing_leads_to_is_a_full() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    etcd.until_its_version_is_stored().unwrap();
    let first = taken(&site, &etcd, &["delta"]);
    assert_eq!(
        (&first["full"]["revision"], &first["delta"]),
        (&2.into(), &Value::Null)
    );
    for number in 0..5 {
        etcd.put(b"b", &[number]).unwrap();
    }
    etcd.compact(6, testkit::etcd::Compacted::Physically)
        .unwrap();
    let second = taken(&site, &etcd, &["delta"]);
    assert_eq!(second["full"]["revision"], 7, "{second}");
    leads_to(&site, &etcd, 7);
}

/// A cron job on an etcd that is not there: it waited for ever, or ended as if it had taken something.
#[test]
fn without_an_etcd_there_is_no_success() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    etcd.kill_now().unwrap();
    let site = Site::new();
    for flags in [&["--once"][..], &["delta"]] {
        let flags = [flags, &["--etcd-connection-timeout", "1s"]].concat();
        Run::of(command(&site, &etcd, &flags)).failed_with(&[etcd.client_url()]);
    }
    assert!(names(&site).is_empty());
}
