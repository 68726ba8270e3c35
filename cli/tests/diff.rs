//! `diff`: what differs between two states of backups, a file and an etcd that runs, is what differs between what etcd answers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sample;
mod support;

use std::collections::BTreeMap;

use base64_simd::STANDARD;
use sample::E35;
use serde_json::Value;
use support::terminal::{Stream, on_a_terminal};
use support::{Run, Site};
use testkit::etcd::{Etcd, State};
use testkit::oracles;
use testkit::synthetic::History;

fn diff(site: &Site, words: &[&str]) -> String {
    let run = site.run("diff", words);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

fn json(site: &Site, words: &[&str]) -> Value {
    serde_json::from_str(&diff(site, &[words, &["-w", "json"]].concat())).unwrap()
}

/// A full at 20, then `/gone` deleted at 23, `/new` put, `/changed` put again, `/same` written with the same value.
fn site() -> Site {
    let (site, mut history) = (Site::new(), History::default());
    history.wander(16, 1);
    history
        .put("/gone", "first")
        .put("/changed", "old")
        .put("/same", "as it was")
        .put("/stays", "here");
    site.put_full(&history, 20);
    history
        .put("/changed", "new")
        .put("/new", "there")
        .delete("/gone")
        .put("/same", "as it was");
    site.put_delta(&history, 21, 24);
    site
}

#[test]
fn each_key_that_differs_is_told_with_its_revisions() {
    let told = diff(&site(), &["20", "latest"]);
    assert_eq!(
        told,
        "M /changed  (created 18, modified 18 -> 21, version 1 -> 2)\n    - \"old\"\n    + \"new\"\n\
         - /gone  (created 17, modified 17, version 1)\n    - \"first\"\n\
         + /new  (created 22, modified 22, version 1)\n    + \"there\"\n"
    );
    let keys = diff(
        &site(),
        &["20", "24", "--keys-only", "--metadata", "--prefix", "/s"],
    );
    assert_eq!(
        keys,
        "U /same  (created 19, modified 19 -> 24, version 1 -> 2)\n"
    );
    assert_eq!(diff(&site(), &["20", "latest", "--prefix", "/s"]), "");
    assert_eq!(diff(&site(), &["latest", "24"]), "");
    let back = json(&site(), &["latest", "20"]);
    let what: Vec<_> = back["differences"].as_array().unwrap().iter().collect();
    assert_eq!(what[1]["what"], "added", "{back}");
    assert_eq!(what[1]["to"]["value"], STANDARD.encode_to_string("first"));
    assert_eq!(back["counts"]["rewritten"], 1, "{back}");
    assert_eq!(
        (&back["from"]["revision"], &back["to"]["revision"]),
        (&24.into(), &20.into())
    );
    let none = json(&site(), &["latest", "24"]);
    assert_eq!(none["differences"], Value::Array(Vec::new()));
}

/// 1 is what failed, in every command.
#[test]
fn an_exit_code_tells_what_differs_only_if_it_is_asked_for() {
    let site = site();
    let code = |words: &[&str]| site.run("diff", words).code;
    assert_eq!(code(&["20", "latest"]), Some(0));
    assert_eq!(code(&["20", "latest", "--exit-code"]), Some(2));
    assert_eq!(code(&["20", "20", "--exit-code"]), Some(0));
    let same = ["20", "latest", "--exit-code", "--prefix", "/same"];
    assert_eq!(code(&same), Some(0));
    assert_eq!(code(&[&same[..], &["--metadata"]].concat()), Some(2));
    site.run("diff", &["20", "99", "--exit-code"])
        .failed_with(&["the second state", "revision 99"]);
    site.run("diff", &["20", "newest"])
        .failed_with(&["newest", "`live`"]);
}

/// Every pair of revisions of a real backup, as an etcd answers for them.
#[test]
fn what_differs_is_what_etcd_answers_otherwise() {
    let site = Site::with_backup(E35.0);
    let restored = E35.restorer().restore(&[]).unwrap();
    let witness = restored.boot(&oracles::etcd("3.6.16").unwrap()).unwrap();
    for (from, to) in [(2724, 5000), (5461, 2725), (5000, 10_960)] {
        let told = json(&site, &[&from.to_string(), &to.to_string(), "--metadata"]);
        let states = [from, to].map(|at| by_key(&witness.state_at(at).unwrap()));
        assert_eq!(changes(&told), between(&states), "{from} and {to}");
    }
}

type Keyspace = BTreeMap<Vec<u8>, (i64, Vec<u8>)>;

fn by_key(state: &State) -> Keyspace {
    let kvs = state.kvs().iter();
    kvs.map(|kv| {
        (
            kv.key.0.clone(),
            (kv.mod_revision.signed(), kv.value.0.clone()),
        )
    })
    .collect()
}

/// What it is told to be in the first and in the second.
type Sides = (Option<(i64, Vec<u8>)>, Option<(i64, Vec<u8>)>);

fn between([from, to]: &[Keyspace; 2]) -> BTreeMap<Vec<u8>, Sides> {
    let keys = from.keys().chain(to.keys());
    let sides = keys.map(|key| (key.clone(), (from.get(key).cloned(), to.get(key).cloned())));
    sides.filter(|(_, (from, to))| from != to).collect()
}

fn changes(told: &Value) -> BTreeMap<Vec<u8>, Sides> {
    let bytes = |value: &Value| STANDARD.decode_to_vec(value.as_str().unwrap()).unwrap();
    let side = |kv: &Value| {
        let kv = kv.as_object()?;
        Some((kv["mod_revision"].as_i64()?, bytes(&kv["value"])))
    };
    let differences = told["differences"].as_array().unwrap().iter();
    let one = |difference: &Value| {
        let (from, to) = (&difference["from"], &difference["to"]);
        let key = from.get("key").or(to.get("key")).unwrap();
        (bytes(key), (side(from), side(to)))
    };
    differences.map(one).collect()
}

/// Pages of an etcd that goes on being written are of one revision.
fn an_etcd_that_runs_is_compared(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    for number in 0..300 {
        etcd.put(format!("/k/{number:03}").as_bytes(), &[0xff, number as u8])
            .unwrap();
    }
    let site = Site::new();
    let file = site.path().join("plain.db");
    etcd.save_snapshot(&file).unwrap();
    let file = file.to_str().unwrap();
    let live = ["live", "--endpoints", etcd.client_url(), "--keys-only"];
    assert_eq!(diff(&site, &[&[file][..], &live].concat()), "");
    let at = etcd.put(b"/k/200", b"other").unwrap();
    let run = site.run("diff", &[&[file][..], &live].concat());
    let told = format!("M /k/200  (created 202, modified 202 -> {at}, version 1 -> 2)\n");
    assert_eq!(run.stdout, told, "{}", run.stderr);
    let said = format!("revision {at} of etcd at {}", etcd.client_url());
    assert!(run.stderr.contains(&said), "no {said:?} in {}", run.stderr);
    let other_way = diff(&site, &[&live[..], &[file]].concat());
    assert!(other_way.contains("version 2 -> 1"), "{other_way}");
}

testkit::on_every_etcd!(an_etcd_that_runs_is_compared);

/// A value is anybody's bytes, and so is a key.
#[test]
fn nothing_commands_a_terminal() {
    let (site, mut history) = (Site::new(), History::default());
    history.put("/a\u{1b}]0;key\u{7}", "\u{1b}]0;owned\u{7}\nline\u{202e}");
    site.put_full(&history, 2);
    history.delete("/a\u{1b}]0;key\u{7}");
    site.put_delta(&history, 3, 3);
    for words in [&["2", "3"][..], &["2", "3", "-w", "json"]] {
        let (status, shown) = on_a_terminal(site.command("diff", words), Stream::Output);
        assert!(status.success(), "{shown}");
        assert!(
            !shown.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{shown:?}"
        );
    }
}

/// Values do not count: 70 MB of them were more than `get` may hold.
#[test]
fn values_need_not_fit_into_memory() {
    let (site, mut history) = (Site::new(), History::default());
    let value = "v".repeat(1 << 20);
    for key in 0..70 {
        history.put(&format!("/{key:02}"), &value);
    }
    site.put_full(&history, history.revision());
    history.delete("/07");
    site.put_delta(&history, 72, 72);
    let told = diff(&site, &["71", "72", "--keys-only"]);
    assert_eq!(told, "- /07  (created 9, modified 9, version 1)\n");
}

/// A reader that goes away is no failure.
#[test]
fn nobody_listening_ends_it() {
    let (site, mut history) = (Site::new(), History::default());
    site.put_full(history.put("/first", ""), 2);
    for key in 0..3000 {
        history.put(&format!("/k/{key}"), "value");
    }
    site.put_delta(&history, 3, 3002);
    let mut command = site.command("diff", &["2", "latest"]);
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}
