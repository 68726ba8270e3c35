//! docs/initialization.md: its incident is gone through with a real etcd, and its table of verdicts
//! is the program's.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;
use std::process::Command;

use engine::validate::Verdict;
use testkit::etcd::Member;
use testkit::oracles;

/// The etcd that the incident is told of, which brings its etcdctl.
const ETCD: &str = "3.5.1";

fn docs() -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/initialization.md");
    fs::read_to_string(docs).unwrap()
}

/// What stands between ```LANGUAGE and ``` in `text`, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = text.split(&fence).skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// Free ports of the loopback instead of etcd's own: some etcd may run here.
fn with_free_ports(script: &str) -> String {
    let [client, peer] = Member::cluster(["client", "peer"]).unwrap();
    let url = |member: &Member| {
        let flags = member.flags();
        flags.last().unwrap().clone()
    };
    let with_client = script.replacen("http://127.0.0.1:2379", &url(&client), 1);
    let replaced = with_client.replacen("http://127.0.0.1:2380", &url(&peer), 1);
    assert!(!replaced.contains(":2379") && !replaced.contains(":2380"));
    replaced
}

#[test]
fn the_incident_ends_as_it_is_told() {
    let docs = docs();
    let incident = docs.split("## An incident").nth(1).unwrap();
    let script = with_free_ports(&blocks(incident, "sh").concat());
    let dir = tempfile::tempdir().unwrap();
    let ours = Path::new(env!("CARGO_BIN_EXE_etcdbrctl")).parent().unwrap();
    let etcd = oracles::etcd(ETCD).unwrap();
    let theirs = etcd.path().parent().unwrap();
    let paths = std::env::var_os("PATH").unwrap();
    let paths = std::env::join_paths(
        [ours.to_owned(), theirs.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&paths)),
    );
    // Whatever happens, the etcd that runs last is stopped.
    let whole = format!("trap 'kill -9 $! 2> /dev/null' EXIT\n{script}");
    let output = Command::new("sh")
        .args(["-euc", &whole])
        .current_dir(dir.path())
        .env("PATH", paths.unwrap())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let log = fs::read_to_string(dir.path().join("etcd.log")).unwrap_or_default();
    assert!(output.status.success(), "{stdout}{stderr}{log}");
    let told = blocks(incident, "text").concat();
    assert_eq!(told.lines().count(), stdout.lines().count(), "{stdout}");
    for (told, said) in told.lines().zip(stdout.lines()) {
        assert!(is_told(told, said), "told:\n{told}\nsaid:\n{said}");
    }
}

/// Whether `said` is what is told; three dots stand for anything.
fn is_told(told: &str, said: &str) -> bool {
    let parts: Vec<&str> = told.split("...").collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return told == said;
    };
    let Some(mut rest) = said.strip_prefix(first) else {
        return false;
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn three_dots_stand_for_anything() {
    assert!(is_told("a ... c", "a b c") && is_told("a ...", "a b c") && is_told("a", "a"));
    assert!(is_told("a ... s.", "a b s. c s.") && is_told("... b ...", "a b c"));
    assert!(!is_told("a ... c", "a b") && !is_told("a", "a b") && !is_told("b", "a b"));
}

#[test]
fn every_verdict_has_a_row_with_its_exit_code() {
    let docs = docs();
    for verdict in Verdict::ALL {
        let row = format!("| {} | {} |", verdict.name(), verdict.exit_code());
        assert!(docs.contains(&row), "no {row}");
        let json = serde_json::to_value(verdict).unwrap();
        assert_eq!(json, verdict.name());
    }
}
