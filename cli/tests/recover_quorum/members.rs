//! Directories that are not what they seem: of a learner, of a member that was removed, and one that is there twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member};
use testkit::{oracles, wait};

use crate::lost::{cluster, dir_of, id_of, ids, planned, put, run, started};
use crate::support::initialized::everything;

fn copied(from: &Path, to: &Path) -> PathBuf {
    let copy = Command::new("cp").arg("-r").args([from, to]).status();
    assert!(copy.unwrap().success());
    to.to_owned()
}

fn warnings(plan: &Value) -> String {
    plan["warnings"].to_string()
}

/// Of a cluster of one voting member and a learner the disk of the first was lost: the learner held all of it, and "has its
/// quorum: start etcd on it" was the answer, where no etcd ever serves again.
#[test]
fn a_learner_goes_on_where_the_only_voter_is_lost() {
    let room = tempfile::tempdir().unwrap();
    let binary = oracles::etcd("3.5.35").unwrap();
    let (voter, learner) = (Member::alone().unwrap(), room.path().join("learner"));
    let voters = room.path().join("voter");
    let alone = Etcd::serving(&binary, &voter, &voters, &[]).unwrap();
    let newcomer = voter.joined_by("newcomer").unwrap();
    let add = json!({ "peerURLs": [newcomer.peer_url()], "isLearner": true });
    alone.ask("cluster/member/add", &add, None).unwrap();
    let existing = ["--initial-cluster-state", "existing"].map(str::to_owned);
    let second = Etcd::starting(&binary, &newcomer, &learner, &existing).unwrap();
    let mut revision = 0;
    for count in 0..20 {
        revision = put(std::slice::from_ref(&alone), &format!("key-{count}"));
    }
    let caught_up = || {
        let status = second.ask("maintenance/status", &json!({}), None).ok();
        let last = revision.to_string();
        let is_last = |status: &Value| status["header"]["revision"] == last.as_str();
        Ok(status.filter(is_last))
    };
    wait::until("the learner", Duration::from_secs(60), caught_up).unwrap();
    alone.kill_now().unwrap();
    second.kill_now().unwrap();
    drop((alone, second));

    // Both are there: the voter has its quorum, and nothing is done.
    run(&[&voters, &learner], &[]).failed_with(&["one voting member", "has its quorum"]);
    fs::remove_dir_all(&voters).unwrap();
    let plan = planned(&[&learner], &[]);
    assert_eq!(plan["standing"]["revision"], revision);
    let told = warnings(&plan);
    assert!(told.contains("is of a learner"), "{told}");
    assert!(told.contains("0 of 1 voting members"), "{told}");
    let run = run(&[&learner], &["--cluster-id", id_of(&plan)]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let again = started("3.5.35", &newcomer, &learner);
    let state = again.state().unwrap();
    assert_eq!((state.revision(), state.kvs().len()), (revision, 20));
    let (_, members) = ids(&again);
    assert_eq!((members.len(), &members[0]["isLearner"]), (1, &Value::Null));
    assert_eq!(
        put(std::slice::from_ref(&again), "it has a vote"),
        revision + 1
    );
}

/// The others went on without it. Beside one of them it is nothing; alone it is not taken for one of the voters, and does
/// not go on without somebody who says who it shall be.
#[test]
fn a_member_that_was_removed_is_no_voter() {
    let room = tempfile::tempdir().unwrap();
    let (mut etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "before");
    let (_, listed) = ids(&etcds[0]);
    let third = listed.iter().find(|member| member["name"] == "m2");
    let remove = json!({ "ID": third.unwrap()["ID"] });
    // Not before all have been connected for a while.
    let asked = || Ok(etcds[0].ask("cluster/member/remove", &remove, None).ok());
    wait::until("the removal", Duration::from_secs(60), asked).unwrap();
    // It ends by itself when it has heard of it, and a moment later at the latest it has written that down.
    let mut removed = etcds.remove(2);
    let heard = || {
        let health = removed.ask("maintenance/status", &json!({}), None);
        Ok(health.is_err().then_some(()))
    };
    wait::until("its end", Duration::from_secs(60), heard).unwrap();
    removed.kill();
    let revision = put(&etcds, "after");
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let dirs = [&members[2].1, &members[0].1];
    let plan = planned(&dirs, &[]);
    assert_eq!(dir_of(&plan), dirs[1].to_str().unwrap());
    assert_eq!(plan["standing"]["revision"], revision);
    let told = warnings(&plan);
    assert!(told.contains("1 of 2 voting members"), "counted: {told}");

    let before = everything(dirs[0]);
    run(&dirs[..1], &[]).failed_with(&["its cluster had removed it", "--name"]);
    let named = [
        "--name",
        "m2",
        "--initial-advertise-peer-urls",
        "http://127.0.0.1:1",
    ];
    let plan = planned(&dirs[..1], &named);
    let told = warnings(&plan);
    assert!(told.contains("had removed"), "{told}");
    assert!(told.contains("0 of 2 voting members"), "{told}");
    assert!(everything(dirs[0]) == before, "touched");
}

/// One directory, named again by a link, and a copy of it: "2 of 3 voting members could be read" was no warning at all.
#[test]
fn one_member_counts_once() {
    let room = tempfile::tempdir().unwrap();
    let (etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "key");
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let one = &members[0].1;
    let link = room.path().join("link");
    std::os::unix::fs::symlink(one, &link).unwrap();
    run(&[one, &link], &[]).failed_with(&["given twice"]);
    run(&[one, &one.join("../").join(one.file_name().unwrap())], &[]).failed_with(&["given twice"]);
    let copy = copied(one, &room.path().join("copy"));
    let told = warnings(&planned(&[one, &copy], &[]));
    assert!(told.contains("counts once"), "{told}");
    assert!(told.contains("1 of 3 voting members"), "{told}");
    let told = warnings(&planned(&[one, &members[1].1], &[]));
    assert_eq!(told, "[]", "two members are a majority");
}
