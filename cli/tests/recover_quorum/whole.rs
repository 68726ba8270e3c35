//! One goes on alone with all that was acknowledged, and another joins it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member};
use testkit::wait;

use crate::lost::{cluster, dir_of, id_of, ids, join, planned, put, run, started};
use crate::support::Run;
use crate::support::cluster::leader;
use crate::support::initialized::{DB, everything};

/// A lease that outlives the test.
const LEASE: i64 = 0x77;

/// One member was stopped early, another is all that is left of the last writes beside it: the further one goes on.
fn the_furthest_goes_on_alone(version: &str) {
    let room = tempfile::tempdir().unwrap();
    let (mut etcds, members) = cluster(version, room.path());
    etcds[0].grant(LEASE, 3600).unwrap();
    let lease = json!({ "key": "bGVhc2Vk", "value": "eA==", "lease": LEASE.to_string() });
    etcds[0].ask("kv/put", &lease, None).unwrap();
    let user = json!({ "name": "somebody", "password": "secret" });
    etcds[0].ask("auth/user/add", &user, None).unwrap();
    for count in 0..20 {
        put(&etcds, &format!("before-{count}"));
    }
    let mut early = etcds.remove(0);
    early.kill();
    let mut revision = 0;
    for count in 0..30 {
        revision = put(&etcds, &format!("after-{count}"));
    }
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    // One of the two that had the last writes is gone with its disk.
    fs::remove_dir_all(&members[2].1).unwrap();
    fs::create_dir(&members[2].1).unwrap();
    let dirs = [&members[0].1, &members[1].1, &members[2].1];
    let before = dirs[..2]
        .iter()
        .map(|dir| everything(dir))
        .collect::<Vec<_>>();

    let plan = planned(&dirs, &[]);
    assert_eq!(dir_of(&plan), members[1].1.to_str().unwrap());
    assert_eq!(plan["standing"]["revision"], revision);
    assert_eq!(plan["others"].as_array().unwrap().len(), 2);
    let id = id_of(&plan).to_owned();
    let command_of_plan = plan["command"].as_str().unwrap();
    assert!(
        command_of_plan.ends_with(&format!("--cluster-id={id}")),
        "{command_of_plan}"
    );
    // Typed, and a dry run all the same.
    planned(&dirs, &["--dry-run", "--cluster-id", &id]);
    run(&dirs, &["--cluster-id", "abc"]).failed_with(&["cluster", &id, "abc was typed", "hint"]);
    let after = dirs[..2]
        .iter()
        .map(|dir| everything(dir))
        .collect::<Vec<_>>();
    assert!(before == after, "a plan has changed something");

    // What the plan tells to run does it.
    let program = env!("CARGO_BIN_EXE_etcdbrctl");
    let mut shell = Command::new("sh");
    shell.env_clear().arg("-c");
    shell.arg(command_of_plan.replacen("etcdbrctl", program, 1));
    let run = Run::of(shell);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    for word in [
        "member add m0 --learner",
        "member add m2 --learner",
        "member promote",
    ] {
        assert!(run.stdout.contains(word), "no {word} in {}", run.stdout);
    }
    assert!(members[1].1.join(".etcdbr.old").join(DB).exists());
    assert!(
        everything(dirs[0]) == before[0],
        "another member was touched"
    );

    let alone = started(version, &members[1].0, &members[1].1);
    let (cluster, listed) = ids(&alone);
    assert_eq!((listed.len(), listed[0]["name"].as_str()), (1, Some("m1")));
    assert_ne!(format!("{:x}", cluster.parse::<u64>().unwrap()), id);
    let state = alone.state().unwrap();
    assert_eq!((state.revision(), state.kvs().len()), (revision, 51));
    let leased = alone.lease_time(LEASE).unwrap();
    assert_eq!(leased.granted.0, 3600);
    let users = alone.ask("auth/user/list", &json!({}), None).unwrap();
    assert_eq!(users["users"], json!(["somebody"]));

    let joined = join(version, &alone, "m2", room.path());
    let next = put(std::slice::from_ref(&alone), "next");
    assert_eq!(next, revision + 1);
    let caught_up = || Ok(joined.state().ok().filter(|state| state.revision() == next));
    wait::until("the second member", Duration::from_secs(60), caught_up).unwrap();
    assert_eq!(ids(&alone).1.len(), 2);
    let state = joined.state().unwrap();
    assert_eq!(state.kvs().len(), 52);
}

testkit::on_every_etcd!(the_furthest_goes_on_alone);

/// A leader whose followers are gone writes into its log what nobody else will ever have. The commit index does not tell
/// that from what was acknowledged just before the end: all of it is kept.
#[test]
fn the_end_of_the_log_is_kept_whether_it_was_acknowledged_or_not() {
    let room = tempfile::tempdir().unwrap();
    let (mut etcds, members) = cluster("3.5.35", room.path());
    let revision = put(&etcds, "acknowledged");
    let leads = leader(&etcds);
    for (at, etcd) in etcds.iter_mut().enumerate() {
        if at != leads {
            etcd.kill();
        }
    }
    let refused = etcds[leads].put(b"in doubt", b"value");
    assert!(refused.is_err(), "{refused:?}");
    etcds[leads].kill();
    let dirs = [&members[leads].1];
    let plan = planned(&dirs, &[]);
    let standing = &plan["standing"];
    assert!(
        standing["index"].as_u64() > standing["commit"].as_u64(),
        "{standing}"
    );
    let warned = run(&dirs, &[]).stdout;
    assert!(warned.contains("1 of 3 voting members"), "{warned}");
    let run = run(&dirs, &["--cluster-id", id_of(&plan)]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let alone = started("3.5.35", &members[leads].0, dirs[0]);
    let state = alone.state().unwrap();
    assert_eq!((state.revision(), state.kvs().len()), (revision + 1, 2));
}

/// Users are checked afterwards as before; and while the cluster serves, who has no name there gets no plan either.
#[test]
fn users_stay_checked() {
    let room = tempfile::tempdir().unwrap();
    let (etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "before");
    let ask = |etcd: &Etcd, rpc: &str, what: Value| etcd.ask(rpc, &what, None).unwrap();
    let root = json!({ "name": "root", "password": "secret" });
    ask(&etcds[0], "auth/user/add", root.clone());
    ask(&etcds[0], "auth/role/add", json!({ "name": "root" }));
    ask(
        &etcds[0],
        "auth/user/grant",
        json!({ "user": "root", "role": "root" }),
    );
    ask(&etcds[0], "auth/enable", json!({}));
    let write = |etcd: &Etcd, key: &str| {
        let token = ask(etcd, "auth/authenticate", root.clone());
        let token = token["token"].as_str().unwrap().to_owned();
        let put = json!({ "key": key, "value": "eA==" });
        etcd.ask("kv/put", &put, Some(&token)).unwrap()
    };
    let written = write(&etcds[0], "YWZ0ZXI=");
    let (endpoint, dirs) = (etcds[0].client_url().to_owned(), [&members[1].1]);
    let refused = run(&dirs, &["--endpoints", &endpoint]);
    refused.failed_with(&["othing is done"]);
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let all = [&members[0].1, &members[1].1, &members[2].1];
    let plan = planned(&all, &["--endpoints", &endpoint]);
    let revision = plan["standing"]["revision"].as_i64().unwrap();
    assert_eq!(written["header"]["revision"], revision.to_string());
    let run = run(&all, &["--cluster-id", id_of(&plan)]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let chosen = members
        .iter()
        .find(|(_, dir)| dir.to_str() == Some(dir_of(&plan)));
    let (member, dir) = chosen.unwrap();
    let alone = started("3.5.35", member, dir);
    let anybody = format!("{:#}", alone.put(b"key", b"value").unwrap_err());
    assert!(anybody.contains("user name"), "{anybody}");
    let next = write(&alone, "bmV4dA==");
    assert_eq!(next["header"]["revision"], (revision + 1).to_string());
}

/// The furthest is damaged: the next goes on, and what may be lost is said. All are damaged: nothing does.
#[test]
fn a_damaged_one_is_passed_over_and_told_of() {
    let room = tempfile::tempdir().unwrap();
    let (mut etcds, members) = cluster("3.5.35", room.path());
    for count in 0..10 {
        put(&etcds, &format!("before-{count}"));
    }
    etcds.remove(0).kill();
    put(&etcds, "after");
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let damage = |dir: &Path| {
        let mut database = fs::read(dir.join(DB)).unwrap();
        database[..2 * 4096].fill(0);
        fs::write(dir.join(DB), database).unwrap();
    };
    let dirs = [&members[1].1, &members[0].1];
    damage(dirs[0]);
    let planned_run = run(&dirs, &["-o", "json"]);
    let plan: Value = serde_json::from_str(&planned_run.stdout).unwrap();
    assert_eq!(dir_of(&plan), dirs[1].to_str().unwrap());
    for word in [dirs[0].to_str().unwrap(), "is damaged", "is lost"] {
        assert!(planned_run.stderr.contains(word), "{}", planned_run.stderr);
    }
    damage(dirs[1]);
    let id = id_of(&plan);
    for args in [&[][..], &["--cluster-id", id]] {
        run(&dirs, args).failed_with(&["no directory is valid", "etcdbrctl restore"]);
    }
}

/// A cluster that serves has a quorum, whatever is typed; and so has one that nobody asks and whose etcds run.
#[test]
fn a_cluster_that_serves_and_a_directory_in_use_are_refused() {
    let room = tempfile::tempdir().unwrap();
    let (mut etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "key");
    let last = etcds.len() - 1;
    let gone = etcds[last].client_url().to_owned();
    etcds[last].kill();
    let dirs = [&members[last].1];
    let plan = planned(&dirs, &[]);
    let id = id_of(&plan);
    let endpoints = format!("{gone},{}", etcds[0].client_url());
    let asked = ["--endpoints", &endpoints, "--cluster-id", id];
    let before = everything(dirs[0]);
    run(&dirs, &asked).failed_with(&["the quorum is not lost", etcds[0].client_url()]);
    let used = [&members[last].1, &members[0].1];
    run(&used, &["--cluster-id", id]).failed_with(&["Nothing is done", "stop the etcd"]);
    assert!(everything(dirs[0]) == before, "touched");

    // One of three cannot answer for all: the quorum is lost, and its word is told.
    etcds[1].kill();
    let alive = etcds[0].client_url();
    let plan = planned(
        &dirs,
        &["--endpoints", alive, "--etcd-connection-timeout", "2s"],
    );
    assert_eq!(plan["no_answer"][0]["endpoint"], alive);
}

#[test]
fn what_is_mistyped_or_not_mounted_or_needs_nothing_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let alone = |name: &str| {
        let dir = room.path().join(name);
        let member = Member::alone().unwrap();
        let etcd = started("3.5.35", &member, &dir);
        etcd.put(b"key", b"value").unwrap();
        drop(etcd);
        dir
    };
    let (one, other) = (alone("one"), alone("other"));
    run(&[&one, &other], &[]).failed_with(&["is of cluster", "one", "other"]);
    run(&[&one, &one], &[]).failed_with(&["given twice"]);
    run(&[&one], &[]).failed_with(&["one voting member", "has its quorum"]);
    run(&[&room.path().join("none")], &[]).failed_with(&["none is not a directory"]);
    let empty = room.path().join("empty");
    fs::create_dir(&empty).unwrap();
    run(&[&empty], &[]).failed_with(&["no directory is valid", "hint"]);
    // A run that was killed where two directories cannot be exchanged: whoever was told to restore a backup lost what
    // is in the member that it had moved aside.
    let aside = one.join(".etcdbr.aside-kept");
    fs::create_dir(&aside).unwrap();
    fs::rename(one.join("member"), aside.join("member")).unwrap();
    run(&[&one], &[]).failed_with(&["was killed here", "aside-kept", "Nothing is done"]);
    // A log on a volume that is not mounted: its member may be the furthest.
    fs::remove_dir_all(other.join("member/wal")).unwrap();
    fs::create_dir(other.join("member/wal")).unwrap();
    run(&[&empty, &other], &[]).failed_with(&["Nothing is done", "leave it out"]);
}
