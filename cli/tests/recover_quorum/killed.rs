//! `recover-quorum` killed, and what a sidecar has left beside the directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::lost::{cluster, command, id_of, planned, put, run, started};
use crate::support::initialized::DB;
use crate::support::timed::{took, wait};

/// How often one is killed.
const KILLS: usize = 24;

fn copied(from: &Path, to: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(to);
    let copy = Command::new("cp").arg("-r").args([from, to]).status();
    assert!(copy.unwrap().success());
    to.to_owned()
}

/// Killed at any moment, an etcd that starts before the next run finds the old member or the new one, each whole: it waits for
/// votes as it did, or serves alone with all of it. And the next run does it, or says that it was done; the old member is
/// there then.
#[test]
fn killed_at_any_moment_there_is_one_member_or_the_other() {
    let room = tempfile::tempdir().unwrap();
    let (etcds, members) = cluster("3.5.35", room.path());
    let mut revision = 0;
    for count in 0..40 {
        revision = put(&etcds, &format!("key-{count}"));
    }
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let all = [&members[0].1, &members[1].1, &members[2].1];
    let furthest = planned(&all, &[]);
    let chosen = usize::try_from(furthest["chosen"].as_u64().unwrap()).unwrap();
    let (member, dir) = &members[chosen];
    let id = id_of(&furthest).to_owned();
    let work = room.path().join("work");
    let typed = ["--cluster-id", &id];
    let mut longest = took(|| {
        let dir = copied(dir, &work);
        assert_eq!(run(&[&dir], &typed).code, Some(0));
    });
    let seed = fastrand::u64(..);
    println!("seed {seed}, a recovery takes {longest:?}");
    let (mut random, mut early, mut late) = (fastrand::Rng::with_seed(seed), 0, 0);
    for kill in 0..KILLS {
        let dir = copied(dir, &work);
        let mut command = command(&[&dir], &typed);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        wait(longest.mul_f64(random.f64()));
        child.kill().unwrap();
        child.wait().unwrap();
        // Half of them are started at once, the others run again first.
        let again = (kill % 2 == 0).then(|| run(&[&dir], &typed));
        let is_done = match &again {
            Some(again) if again.code == Some(0) => true,
            Some(again) => {
                again.failed_with(&["has its quorum", "it was done"]);
                true
            }
            None => {
                let plan = run(&[&dir], &["-o", "json"]);
                plan.code != Some(0)
            }
        };
        match is_done {
            true => {
                late += 1;
                longest = longest.mul_f64(0.95);
                let alone = started("3.5.35", member, &dir);
                let state = alone.state().unwrap();
                assert_eq!((state.revision(), state.kvs().len()), (revision, 40));
                drop(alone);
                let kept = [".etcdbr.old", ".etcdbr.aside-kept"];
                let kept = kept.map(|name| dir.join(name).join(DB).exists());
                assert!(kept.contains(&true), "the old member is gone");
            }
            false => {
                early += 1;
                longest = longest.mul_f64(1.05);
                let plan = planned(&[&dir], &[]);
                assert_eq!(plan["standing"]["revision"], revision);
                assert_eq!(id_of(&plan), id);
            }
        }
    }
    println!("{early} had the old member, {late} the new one");
    assert!(early > 0 && late > 0, "the moments were not spread");
}

/// The sidecar's word beside the directory went on to name the old cluster: it took the recovered member for one on a volume
/// of another, or for one that had been removed.
#[test]
fn what_a_sidecar_has_left_names_the_new_member() {
    let room = tempfile::tempdir().unwrap();
    let (etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "key");
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let dirs = [&members[0].1, &members[1].1, &members[2].1];
    let plan = planned(&dirs, &[]);
    let mark = |dir: &Path| dir.with_added_extension("etcdbr-member");
    let old = json!({ "cluster_id": id_of(&plan), "member_id": "1", "pod": "etcd-0" });
    for dir in dirs {
        fs::write(mark(dir), old.to_string()).unwrap();
    }
    let run = run(&dirs, &["--cluster-id", id_of(&plan), "-o", "json"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let done: Value = serde_json::from_str(&run.stdout).unwrap();
    let chosen = usize::try_from(plan["chosen"].as_u64().unwrap()).unwrap();
    for (at, dir) in dirs.into_iter().enumerate() {
        let left: Value = serde_json::from_slice(&fs::read(mark(dir)).unwrap()).unwrap();
        match at == chosen {
            true => {
                let member = &done["plan"]["member"];
                assert_eq!(left["cluster_id"], member["cluster_id"]);
                assert_eq!(left["member_id"], member["member_id"]);
                assert_eq!(left["pod"], "etcd-0");
            }
            false => assert_eq!(left, old, "another member's was touched"),
        }
    }
}
