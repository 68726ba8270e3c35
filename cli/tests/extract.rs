//! `extract`: keys that are gone or changed come back into a real etcd, and nothing else is touched.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{Run, Site};
use testkit::etcd::{Bytes, Etcd, Op, Txn};
use testkit::oracles;

/// An etcd, and a snapshot of it from before something went wrong.
struct Incident {
    etcd: Etcd,
    site: Site,
    file: PathBuf,
}

impl Incident {
    /// `/kept` stays, `/changed` is written again, `/gone/1` and `/gone/2` are deleted, `/extra` is new.
    fn on(version: &str) -> Self {
        let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
        etcd.grant(0x1f, 600).unwrap();
        for (key, value, lease) in [
            ("/kept", "as it was", 0),
            ("/changed", "before", 0),
            ("/gone/1", "one", 0),
            ("/gone/2", "two", 0x1f),
        ] {
            let put = Op::Put(key.as_bytes().into(), value.as_bytes().into(), lease);
            transact(&etcd, put);
        }
        let site = Site::new();
        let file = site.path().join("plain.db");
        etcd.save_snapshot(&file).unwrap();
        transact(&etcd, Op::Delete(b"/gone/".into(), b"/gone0".into()));
        etcd.put(b"/changed", b"after").unwrap();
        etcd.put(b"/extra", b"new").unwrap();
        Self { etcd, site, file }
    }

    fn command(&self, words: &[&str]) -> Command {
        let file = ["--from-file", self.file.to_str().unwrap()];
        self.site.command("extract", &[words, &file].concat())
    }

    /// With the etcd as the one to write to.
    fn run(&self, words: &[&str]) -> Run {
        let to = ["--to", self.etcd.client_url()];
        Run::of(self.command(&[words, &to].concat()))
    }

    fn ran(&self, words: &[&str]) -> Run {
        let run = self.run(words);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run
    }

    fn value(&self, key: &str) -> Option<Vec<u8>> {
        let state = self.etcd.state().unwrap();
        let found = state.kvs().iter().find(|kv| kv.key.0 == key.as_bytes());
        found.map(|kv| kv.value.0.clone())
    }

    fn values(&self) -> [Option<Vec<u8>>; 5] {
        ["/changed", "/extra", "/gone/1", "/gone/2", "/kept"].map(|key| self.value(key))
    }
}

fn transact(etcd: &Etcd, op: Op) {
    let success = vec![op];
    etcd.txn(&Txn {
        success,
        ..Txn::default()
    })
    .unwrap();
}

fn some(values: [&str; 5]) -> [Option<Vec<u8>>; 5] {
    values.map(|value| (!value.is_empty()).then(|| value.as_bytes().to_vec()))
}

const ALL: [&str; 2] = ["", "--prefix"];

/// Only what is gone comes back by itself; and without `--apply` nothing does.
fn what_is_gone_comes_back_and_the_rest_stays(version: &str) {
    let incident = Incident::on(version);
    let before = incident.etcd.revision().unwrap();
    let plan = incident.ran(&ALL);
    assert_eq!(
        plan.stdout,
        "left, since it holds something else (--overwrite): /changed  (in the backup modified 3, version 1; now modified 7, version 2)\n\
         would be put back: /gone/1  (in the backup modified 4, version 1)\n\
         would be put back: /gone/2  (in the backup modified 5, version 1), without its lease 1f\n"
    );
    assert!(
        plan.stderr.contains("nothing was written"),
        "{}",
        plan.stderr
    );
    assert_eq!(incident.etcd.revision().unwrap(), before);

    let done = incident.ran(&[&ALL[..], &["--apply"]].concat());
    assert!(
        done.stdout.contains("put back at revision"),
        "{}",
        done.stdout
    );
    assert!(done.stderr.contains("1 key had a lease"), "{}", done.stderr);
    let whole = some(["after", "new", "one", "two", "as it was"]);
    assert_eq!(incident.values(), whole);
    let state = incident.etcd.state().unwrap();
    assert_eq!(state.leases(), Vec::<i64>::new());
    // Again: there is nothing to do.
    let revision = incident.etcd.revision().unwrap();
    incident.ran(&[&ALL[..], &["--apply"]].concat());
    assert_eq!(incident.etcd.revision().unwrap(), revision);

    let told = incident.ran(
        &[
            &ALL[..],
            &["--apply", "--overwrite", "--delete-extra", "-o", "json"],
        ]
        .concat(),
    );
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["counts"]["written"], 2, "{told}");
    assert_eq!(
        (&told["keys"][0]["what"], &told["keys"][1]["what"]),
        (&json!("changed"), &json!("extra"))
    );
    assert_eq!(
        told["to"]["endpoint"],
        format!("{}/", incident.etcd.client_url()).trim_end_matches('/')
    );
    assert_eq!(
        incident.values(),
        some(["before", "", "one", "two", "as it was"])
    );
}

testkit::on_every_etcd!(what_is_gone_comes_back_and_the_rest_stays);

/// One key, out of a chain of which the newest state does not have it any more.
#[test]
fn a_key_comes_back_from_an_older_state_of_a_chain() {
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let site = Site::new();
    let take = |words: &[&str]| {
        let endpoint = ["--endpoints", etcd.client_url()];
        let run = site.run("snapshot", &[words, &endpoint].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    };
    etcd.until_its_version_is_stored().unwrap();
    etcd.put(b"/first", b"").unwrap();
    take(&["--once"]);
    let at = etcd
        .put(
            b"/config/app",
            b"\x00 a 'value' $(with) \"anything\" \xff\n",
        )
        .unwrap();
    transact(&etcd, Op::Delete(b"/config/app".into(), Bytes(Vec::new())));
    take(&["delta"]);
    let at = at.to_string();
    let words = [
        "/config/app",
        "--at-revision",
        &at,
        "--to",
        etcd.client_url(),
        "--apply",
    ];
    let run = site.run("extract", &words);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let state = etcd.state().unwrap();
    assert_eq!(
        state.kvs()[0].value.0,
        b"\x00 a 'value' $(with) \"anything\" \xff\n"
    );

    // Another etcd: refused by the id of the cluster, which metadata names.
    let other = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let words = [
        "/config/app",
        "--at-revision",
        &at,
        "--to",
        other.client_url(),
        "--apply",
    ];
    site.run("extract", &words)
        .failed_with(&["the backup is of cluster", "--allow-other-cluster"]);
    assert_eq!(other.revision().unwrap(), 1);
    let run = site.run(
        "extract",
        &[&words[..], &["--allow-other-cluster"]].concat(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(other.state().unwrap().kvs().len(), 1);
}

/// A plain snapshot names no cluster, but members.
#[test]
fn another_cluster_is_known_by_its_members() {
    let incident = Incident::on("3.5.35");
    let other = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let to = ["--to", other.client_url(), "--apply"];
    let run = Run::of(incident.command(&[&ALL[..], &to].concat()));
    run.failed_with(&["members", "--allow-other-cluster"]);
    assert_eq!(other.revision().unwrap(), 1);
}

#[test]
fn what_says_nothing_sensible_is_refused() {
    let incident = Incident::on("3.4.23");
    let refused = |words: &[&str]| {
        let run = Run::of(incident.command(words));
        assert_eq!(run.code, Some(1), "{words:?}: {}", run.stdout);
        run.stderr
    };
    assert!(refused(&ALL).contains("--to"));
    for flag in [
        "--apply",
        "--overwrite",
        "--delete-extra",
        "--allow-other-cluster",
    ] {
        let told = refused(&[&ALL[..], &["--to-file", "script", flag]].concat());
        assert!(told.contains("--to"), "{flag}: {told}");
    }
    // Nobody listens there.
    let told = refused(&[&ALL[..], &["--to", "http://127.0.0.1:1"]].concat());
    assert!(told.contains("127.0.0.1:1"), "{told}");
    // And no half of a script stays.
    let script = incident.site.path().join("script");
    let words = [
        "--to-file",
        script.to_str().unwrap(),
        "--to",
        "http://127.0.0.1:1",
    ];
    refused(&[&ALL[..], &words].concat());
    assert!(!script.exists());
    let file = incident.file.to_str().unwrap();
    let told = refused(&[&ALL[..], &["--to-file", file]].concat());
    assert!(
        told.contains("--to-file") && told.contains("exists"),
        "{told}"
    );
}

/// Runs a script with the etcdctl that came with this version.
fn run_script(script: &Path, version: &str, etcd: &Etcd) -> Run {
    let mut command = Command::new("sh");
    command
        .arg(script)
        .env("ETCDCTL_ENDPOINTS", etcd.client_url());
    command.env(
        "ETCDCTL",
        oracles::etcd(version).unwrap().sibling("etcdctl").unwrap(),
    );
    command.stdin(Stdio::null());
    Run::of(command)
}

/// Keys and values of every byte, and of what shells, etcdctl and Go take for something else.
const ODD: [&[u8]; 9] = [
    b"plain",
    b"--flag",
    b"'single' \"double\" `back` $(sub) $HOME \\ \\n %s !",
    b"\nEND\n",
    b"\x00\x01\x7f\x80\xfe\xff",
    "ü 本 \u{202e}".as_bytes(),
    b" leading and trailing ",
    b"mod(\"x\") = \"0\"",
    b"#",
];

fn a_script_does_the_same_with_the_etcdctl_of(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    for (number, odd) in ODD.iter().enumerate() {
        etcd.put(&[b"/odd/", *odd].concat(), ODD[ODD.len() - 1 - number])
            .unwrap();
    }
    etcd.put(b"/odd/empty", b"").unwrap();
    etcd.put(b"/odd/large", &[0xff; 300_000]).unwrap();
    let site = Site::new();
    let file = site.path().join("plain.db");
    etcd.save_snapshot(&file).unwrap();
    let before = etcd.state().unwrap();
    transact(&etcd, Op::Delete(b"/odd/".into(), b"/odd0".into()));
    etcd.put(b"/odd/extra", b"").unwrap();
    etcd.put(b"/odd/large", b"changed").unwrap();
    let from = ["--from-file", file.to_str().unwrap()];
    let write = |name: &str, words: &[&str]| {
        let script = site.path().join(name);
        let to_file = ["--to-file", script.to_str().unwrap()];
        let run = site.run("extract", &[&ALL[..], &from, &to_file, words].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        script
    };
    let compared = ["--to", etcd.client_url(), "--overwrite", "--delete-extra"];
    let script = write("compared.sh", &compared);
    assert!(fs::read(&script).unwrap().is_ascii());
    let cut = site.path().join("cut.sh");
    let whole = fs::read(&script).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let revision = etcd.revision().unwrap();
    run_script(&cut, version, &etcd).failed_with(&["is not whole"]);
    assert_eq!(etcd.revision().unwrap(), revision);
    // Written by somebody after the script: it stays, and the script says so and fails at its end.
    etcd.put(b"/odd/plain", b"somebody's").unwrap();
    let run = run_script(&script, version, &etcd);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert_eq!(
        run.stdout, "11 written, 1 left as they are\n",
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("\"/odd/plain\""), "{}", run.stderr);
    transact(&etcd, Op::Delete(b"/odd/plain".into(), Bytes(Vec::new())));

    // Without an etcd to compare with: what is not there is put back.
    let blind = write("blind.sh", &[]);
    let run = run_script(&blind, version, &etcd);
    assert_eq!(
        run.stdout, "1 written, 10 left as they are\n",
        "{}",
        run.stderr
    );
    let values = |state: &testkit::etcd::State| -> Vec<_> {
        state
            .kvs()
            .iter()
            .map(|kv| (kv.key.clone(), kv.value.clone()))
            .collect()
    };
    assert_eq!(values(&etcd.state().unwrap()), values(&before));
}

#[test]
fn a_script_does_the_same_with_etcdctl_3_4() {
    a_script_does_the_same_with_the_etcdctl_of("3.4.23");
}

#[test]
fn a_script_does_the_same_with_etcdctl_3_5() {
    a_script_does_the_same_with_the_etcdctl_of("3.5.1");
}

/// A user who may not write: what etcd says, and that nothing was written.
#[test]
fn a_user_who_may_not_is_told() {
    let incident = Incident::on("3.6.16");
    let ask = |rpc: &str, request: &Value| incident.etcd.ask(rpc, request, None).unwrap();
    for user in ["root", "reader"] {
        ask(
            "auth/user/add",
            &json!({ "name": user, "password": "hush" }),
        );
        ask("auth/role/add", &json!({ "name": user }));
        ask("auth/user/grant", &json!({ "user": user, "role": user }));
    }
    let [key, end] = ["/gone/", "/gone0"].map(|key| base64_simd::STANDARD.encode_to_string(key));
    let gone = json!({ "key": key, "range_end": end, "permType": "READ" });
    ask(
        "auth/role/grant",
        &json!({ "name": "reader", "perm": gone }),
    );
    ask("auth/enable", &json!({}));
    let as_reader = |words: &[&str]| {
        let to = [
            "--to",
            incident.etcd.client_url(),
            "--etcd-username",
            "reader",
        ];
        let mut command = incident.command(&[&["/gone/", "--prefix"], &to[..], words].concat());
        command.env("ETCDBRCTL_ETCD_PASSWORD", "hush");
        Run::of(command)
    };
    let plan = as_reader(&[]);
    assert_eq!(plan.code, Some(0), "{}", plan.stderr);
    let denied = as_reader(&["--apply"]);
    assert_eq!(denied.code, Some(1), "{}", denied.stdout);
    for part in ["permission denied", "may read these keys"] {
        assert!(denied.stderr.contains(part), "{}", denied.stderr);
    }
}
