//! `get`: keys out of backups are what an etcd would answer that was restored from them, at every revision; and what cannot
//! be read is no key that was never there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sample;
mod support;

use std::fs;

use sample::{E34, E35, Sample};
use serde_json::Value;
use support::terminal::{Stream, on_a_terminal};
use support::{Run, Site, spoilt};
use testkit::backup::Compression::Gzip;
use testkit::etcd::{Etcd, State};
use testkit::oracles;
use testkit::synthetic::{History, delta_name};

const ALL: [&str; 3] = ["", "--prefix", "-q"];

fn succeeded(run: Run) -> String {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

fn get(site: &Site, flags: &[&str]) -> String {
    succeeded(site.run("get", flags))
}

fn json(site: &Site, flags: &[&str]) -> Value {
    serde_json::from_str(&get(site, &[flags, &["-w", "json"]].concat())).unwrap()
}

/// A witness on the newest state remembers every revision; each is read as `etcdctl get` would read it there.
fn is_what_etcd_answers(sample: Sample, revisions: &[i64]) {
    let site = Site::with_backup(sample.0);
    let restored = sample.restorer().restore(&[]).unwrap();
    let witness = restored.boot(&oracles::etcd("3.6.16").unwrap()).unwrap();
    for revision in revisions {
        let at = revision.to_string();
        let told = json(&site, &[&ALL[..], &["--rev", &at]].concat());
        let read: State = serde_json::from_value(told).unwrap();
        let then = witness.state_at(*revision).unwrap();
        assert_eq!(read.kvs(), then.kvs(), "at {revision}");
        assert_eq!(read.revision(), *revision);
        one_of_them(&site, &then, &at);
    }
    let read: State = serde_json::from_value(json(&site, &ALL)).unwrap();
    assert_eq!(read.difference(&sample.state()), None);
}

/// The last key alone: a reading of one key ends where it is found.
fn one_of_them(site: &Site, then: &State, at: &str) {
    let last = then.kvs().last().unwrap();
    let key = String::from_utf8(last.key.0.clone()).unwrap();
    let told = json(site, &[&key, "-q", "--at-revision", at]);
    let alone: State = serde_json::from_value(told).unwrap();
    assert_eq!(alone.kvs(), std::slice::from_ref(last), "{key} at {at}");
}

#[test]
fn a_state_is_what_etcd_3_5_answers() {
    is_what_etcd_answers(E35, &[2724, 2725, 5000, 5461, 10_960]);
}

#[test]
fn a_state_is_what_etcd_3_4_answers() {
    is_what_etcd_answers(E34, &[1354, 1355, 3000, 5398]);
}

/// A full that etcd itself has just made, beside that etcd.
#[test]
fn a_file_of_etcdctl_is_read_as_well() {
    let etcd = Etcd::fresh(&oracles::etcd("3.7.3").unwrap()).unwrap();
    for value in [&b"one"[..], b"two", b"three"] {
        etcd.put(b"/a", value).unwrap();
        etcd.put(b"/b/c", value).unwrap();
    }
    let site = Site::new();
    let file = site.path().join("plain.db");
    etcd.save_snapshot(&file).unwrap();
    let from = ["-q", "--from-file", file.to_str().unwrap()];
    let told = json(&site, &[&["", "--from-key"], &from[..]].concat());
    let read: State = serde_json::from_value(told).unwrap();
    assert_eq!(read.kvs(), etcd.state().unwrap().kvs());
    let told = get(&site, &[&["/a", "--history"], &from[..]].concat());
    assert_eq!(told, "2 PUT /a\none\n4 PUT /a\ntwo\n6 PUT /a\nthree\n");
}

/// A store with a full at 20, and deltas in which `/gone` is put at 21 and deleted at 23.
fn with_a_deletion() -> Site {
    let (site, mut history) = (Site::new(), History::default());
    history.wander(20, 1);
    site.put_full(&history, 20);
    history
        .put("/gone", "first")
        .put("/kept", "here")
        .delete("/gone");
    site.put_delta(&history, 21, 22);
    site.put_delta(&history, 23, 23);
    site
}

#[test]
fn a_deleted_key_is_found_where_it_was() {
    let site = with_a_deletion();
    assert_eq!(get(&site, &["/gone"]), "");
    assert_eq!(get(&site, &["/gone", "--rev", "22"]), "/gone\nfirst\n");
    assert_eq!(
        get(&site, &["/gone", "--history"]),
        "21 PUT /gone\nfirst\n23 DELETE /gone\n"
    );
    let events = json(&site, &["/gone", "--history"])["events"].take();
    assert_eq!(events[0]["kv"]["create_revision"], 21, "{events}");
    assert_eq!(events[1]["type"], "DELETE", "{events}");
    assert_eq!(get(&site, &["/gone", "/kept"]), "");
    assert_eq!(get(&site, &["/gone", "/kept0", "--keys-only"]), "/kept\n");
}

/// A value is anybody's bytes: a sequence in it would have commanded the terminal that it was shown on.
#[test]
fn a_value_commands_no_terminal() {
    let (site, mut history) = (Site::new(), History::default());
    history.put("/a", "\u{1b}]0;owned\u{7}\nline\u{202e}");
    site.put_full(&history, history.revision());
    let (status, shown) = on_a_terminal(site.command("get", &["/a"]), Stream::Output);
    assert!(status.success());
    assert!(
        !shown.contains(['\u{1b}', '\u{7}', '\u{202e}']),
        "{shown:?}"
    );
    assert!(
        shown.contains("owned") && shown.contains("line"),
        "{shown:?}"
    );
    assert!(get(&site, &["/a"]).contains("\u{1b}]0;owned"));
}

#[test]
fn as_many_are_printed_as_are_asked_for() {
    let site = with_a_deletion();
    let all: usize = get(&site, &["", "--prefix", "--count"])
        .trim()
        .parse()
        .unwrap();
    let two = json(&site, &["", "--prefix", "--limit", "2"]);
    assert_eq!(two["kvs"].as_array().unwrap().len(), 2);
    assert_eq!((&two["count"], &two["more"]), (&all.into(), &true.into()));
    let fields = get(&site, &["/kept", "-w", "fields"]);
    for line in [
        "\"Key\" : \"/kept\"",
        "\"ModRevision\" : 22",
        "\"Value\" : \"here\"",
        "\"More\" : false",
        "\"Count\" : 1",
    ] {
        assert!(
            fields.lines().any(|one| one == line),
            "no {line} in {fields}"
        );
    }
}

/// A key of the full could be read although the delta that may have changed it is damaged: an answer from before it.
#[test]
fn an_object_that_is_damaged_is_an_error_and_no_older_answer() {
    let site = with_a_deletion();
    let name = delta_name(23, 23, Gzip);
    let mut damaged = site.read(&name);
    let at = damaged.len() / 2;
    damaged[at] ^= 1;
    fs::write(site.object(&name), damaged).unwrap();
    let run = site.run("get", &["/kept"]);
    run.failed_with(&[&name]);
    assert_eq!(get(&site, &["/kept", "--rev", "22"]), "/kept\nhere\n");
    site.run("get", &["/kept", "--rev", "24"])
        .failed_with(&["revision 24"]);
}

/// A copied database has no hash: a key that stood on a damaged page was not there, and that was all that was said.
#[test]
fn a_file_whose_pages_are_damaged_is_an_error() {
    let mut history = History::default();
    history.wander(60, 1);
    let full = history.full(60);
    // Without the SHA-256 at its end it is what a copied db is.
    let database = &full[..full.len() - 32];
    let site = Site::new();
    let file = site.path().join("db");
    let file = file.to_str().unwrap();
    fs::write(file, database).unwrap();
    let count = [
        "",
        "--prefix",
        "--count",
        "--skip-hash-check",
        "--from-file",
    ];
    let count = [&count[..], &[file]].concat();
    assert_ne!(get(&site, &count), "0\n");
    fs::write(file, spoilt(database)).unwrap();
    site.run("get", &count).failed_with(&["page"]);
    let none = ["nothing", "--skip-hash-check", "--from-file", file];
    site.run("get", &none).failed_with(&["page"]);
}

/// What etcd had compacted is in no backup: a history says so instead of looking whole.
#[test]
fn a_history_says_what_was_compacted() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    for value in [b"1", b"2", b"3"] {
        etcd.put(b"/a", value).unwrap();
    }
    etcd.compact(4, testkit::etcd::Compacted::Physically)
        .unwrap();
    let site = Site::new();
    let file = site.path().join("plain.db");
    etcd.save_snapshot(&file).unwrap();
    let run = site.run(
        "get",
        &["/a", "--history", "--from-file", file.to_str().unwrap()],
    );
    assert!(
        run.stderr.contains("compacted up to revision 4"),
        "{}",
        run.stderr
    );
    assert_eq!(succeeded(run), "4 PUT /a\n3\n");
}

/// 100 MB of values were held in memory before the first was printed.
#[test]
fn what_does_not_fit_is_refused_and_what_to_do_is_said() {
    let (site, mut history) = (Site::new(), History::default());
    let value = "v".repeat(1 << 20);
    for key in 0..70 {
        history.put(&format!("/{key}"), &value);
    }
    site.put_full(&history, history.revision());
    let run = site.run("get", &["", "--prefix"]);
    run.failed_with(&["more than 64.00 MiB", "--keys-only"]);
    assert_eq!(get(&site, &["", "--prefix", "--count"]), "70\n");
}
