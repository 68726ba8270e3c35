//! `defragment` on real clusters: who is first, who is left alone, and what stops it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use support::Run;
use support::cluster::{cluster, endpoints, file_size, in_use, leader, put};
use testkit::etcd::{Compacted, Etcd};
use testkit::{oracles, wait};

fn defragment(endpoints: &str, flags: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear();
    command.args(["defragment", "--endpoints", endpoints, "-o", "json"]);
    command.args(flags);
    Run::of(command)
}

fn report(run: &Run) -> Value {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Writes the same key again and again, and forgets all but the last.
fn leaves_free_pages(etcds: &[Etcd]) {
    let mut last = 0;
    for round in 0..60_u8 {
        last = put(etcds, b"key", &vec![round; 100_000]);
    }
    etcds[0].compact(last, Compacted::Physically).unwrap();
    // The other members compact when they come to it, and pages become free with the transactions after that.
    let are_free = || {
        put(etcds, b"key", b"small");
        let is_free = |etcd: &Etcd| in_use(etcd) < file_size(etcd) / 4;
        Ok(etcds.iter().all(is_free).then_some(()))
    };
    wait::until("pages are free", Duration::from_secs(60), are_free).unwrap();
}

fn three(version: &str, room: &Path) -> Vec<Etcd> {
    let etcds = cluster(version, room);
    leaves_free_pages(&etcds);
    etcds
}

/// Followers first, then the leader, which does not lead any more by then. An etcd that is defragmented as the leader does
/// not answer anybody meanwhile, and the reference does so (its issue 1052).
fn the_leader_comes_last_and_does_not_lead_then(version: &str) {
    let room = tempfile::tempdir().unwrap();
    let etcds = three(version, room.path());
    let before: Vec<u64> = etcds.iter().map(file_size).collect();
    let led = leader(&etcds);
    // One endpoint is enough: the others are where they say.
    let done = report(&defragment(etcds[0].client_url(), &[]));
    let members = done["members"].as_array().unwrap();
    assert_eq!(members.len(), 3, "{done}");
    let name = |index: usize| members[index]["member"].as_str().unwrap();
    assert_eq!(name(2), etcds[led].member().name(), "{done}");
    assert_eq!(members[2]["role"], "leader");
    let leads = leader(&etcds);
    assert_ne!(leads, led);
    let moved = done["leadership_moved_to"].as_str();
    assert_eq!(moved, Some(etcds[leads].member().name()));
    for (etcd, before) in etcds.iter().zip(before) {
        assert!(file_size(etcd) < before / 2, "{done}");
        let told = members
            .iter()
            .find(|one| one["member"] == etcd.member().name());
        assert_eq!(told.unwrap()["outcome"], "defragmented");
        assert_eq!(etcd.state().unwrap().kvs().len(), 1);
    }
    // There is nothing to gain any more.
    let again = report(&defragment(&endpoints(&etcds), &[]));
    let members = again["members"].as_array().unwrap();
    let left = members.iter().all(|one| one["outcome"] == "little_to_gain");
    assert!(left, "{again}");
    assert_eq!(again["leadership_moved_to"], Value::Null);
}

testkit::on_every_etcd!(the_leader_comes_last_and_does_not_lead_then);

/// With one member down, another that is blocked costs the quorum.
#[test]
fn nothing_is_defragmented_while_a_member_is_down() {
    let room = tempfile::tempdir().unwrap();
    let mut etcds = three("3.5.35", room.path());
    let down = (leader(&etcds) + 1) % 3;
    etcds[down].kill();
    let name = etcds[down].member().name().to_owned();
    let up: Vec<&Etcd> = (0..3)
        .filter(|one| *one != down)
        .map(|one| &etcds[one])
        .collect();
    let before: Vec<u64> = up.iter().map(|etcd| file_size(etcd)).collect();
    let run = defragment(up[0].client_url(), &[]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    let told = format!("{name} does not answer");
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert!(
        run.stderr.contains("nothing at all is defragmented"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout, "");
    let after: Vec<u64> = up.iter().map(|etcd| file_size(etcd)).collect();
    assert_eq!(before, after);
}

/// What would be done is said, and not done.
#[test]
fn a_dry_run_changes_nothing() {
    let room = tempfile::tempdir().unwrap();
    let etcds = three("3.6.16", room.path());
    let before: Vec<u64> = etcds.iter().map(file_size).collect();
    let led = leader(&etcds);
    let done = report(&defragment(&endpoints(&etcds), &["--dry-run"]));
    assert_eq!(done["dry_run"], true);
    let members = done["members"].as_array().unwrap();
    let would = members
        .iter()
        .filter(|one| one["outcome"] == "would_defragment");
    assert_eq!(would.count(), 3, "{done}");
    assert_eq!(before, etcds.iter().map(file_size).collect::<Vec<_>>());
    assert_eq!(leader(&etcds), led);
    let much = report(&defragment(
        &endpoints(&etcds),
        &["--dry-run", "--min-gain", "1GiB"],
    ));
    let members = much["members"].as_array().unwrap();
    let left = members.iter().all(|one| one["outcome"] == "little_to_gain");
    assert!(left, "{much}");
}

/// Nobody can lead in its place: it is blocked for as long as it takes.
#[test]
fn an_only_member_is_defragmented_in_its_place() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let etcds = [etcd];
    leaves_free_pages(&etcds);
    let before = file_size(&etcds[0]);
    let done = report(&defragment(etcds[0].client_url(), &["--min-gain", "0"]));
    assert_eq!(done["members"][0]["outcome"], "defragmented", "{done}");
    assert_eq!(done["leadership_moved_to"], Value::Null);
    assert!(file_size(&etcds[0]) < before / 2);
}

/// An etcd that cannot be asked is told as such.
#[test]
fn an_etcd_that_does_not_answer_is_an_error() {
    let run = defragment("http://127.0.0.1:1", &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("the members are not known"),
        "{}",
        run.stderr
    );
}
