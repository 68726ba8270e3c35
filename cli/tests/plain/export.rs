use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

use crate::run::{etcdbrctl, json, succeeded, verified};
use crate::support::real_chain::RealChain;
use crate::support::{Run, Site, full_name};

fn exported(site: &Site, words: &[&str]) -> Value {
    let words = [&["-o", "json"], words].concat();
    let run = Run::of({
        let mut command = site.command("export", &words);
        command.current_dir(site.path());
        command
    });
    json(&run)
}

/// The tools of etcd, by the version that they came with, and the etcd that is started on what they restore.
const TOOLS: [(&str, &str, &str); 4] = [
    ("3.4.23", "etcdctl", "3.4.23"),
    ("3.5.1", "etcdctl", "3.5.35"),
    ("3.5.1", "etcdutl", "3.5.1"),
    ("3.5.1", "etcdutl", "3.6.16"),
];

/// Who had a chain of full and deltas could hand it to no other tool but by a restore and a snapshot of an etcd on it.
fn etcds_own_tools_restore_what_is_exported(made_by: &str) {
    let chain = RealChain::of(made_by);
    let site = &chain.site;
    for (at, revision) in chain.ends.into_iter().enumerate() {
        let file = format!("{at}.db");
        let report = exported(site, &["--at-revision", &revision.to_string(), &file]);
        let meant = chain.etcd.state_at(revision).unwrap();
        assert_eq!(report["revision"], revision, "{report}");
        assert_eq!(report["keys"], meant.kvs().len(), "{report}");
        assert_eq!(
            report["hash_kv"],
            chain.etcd.hash_kv(revision).unwrap().hash
        );
        let again = verified(site, &file);
        assert_eq!(
            (&again["revision"], &again["hash_kv"]),
            (&report["revision"], &report["hash_kv"])
        );
        for (version, tool, served_by) in TOOLS {
            // An etcd starts on no data of a later minor.
            if served_by[..3] < made_by[..3] {
                continue;
            }
            let member = Member::alone().unwrap();
            let dir = site
                .path()
                .join(format!("{at}-{version}-{tool}-{served_by}"));
            let program = oracles::etcd(version).unwrap().sibling(tool).unwrap();
            let mut command = Command::new(program);
            command.env_clear().env("ETCDCTL_API", "3");
            command
                .args(["snapshot", "restore"])
                .arg(site.path().join(&file));
            command.arg("--data-dir").arg(&dir).args(member.flags());
            let run = Run::of(command);
            assert_eq!(run.code, Some(0), "{version} {tool}: {}", run.stderr);
            let etcd = Etcd::on(&oracles::etcd(served_by).unwrap(), &member, &dir).unwrap();
            let state = etcd.state_at(revision).unwrap();
            assert_eq!(
                state.difference(&meant),
                None,
                "{version} {tool}, {served_by}"
            );
            assert_eq!(
                etcd.hash_kv(revision).unwrap().hash,
                report["hash_kv"].as_u64().unwrap() as u32
            );
        }
    }
}

#[test]
fn of_etcd_3_5_1() {
    etcds_own_tools_restore_what_is_exported("3.5.1");
}

#[test]
fn of_etcd_3_4_23() {
    etcds_own_tools_restore_what_is_exported("3.4.23");
}

/// `etcdutl` of 3.6 cannot be had here; that of 3.5 restores the keys of a 3.6, and its etcd serves them.
#[test]
fn of_etcd_3_6_16() {
    etcds_own_tools_restore_what_is_exported("3.6.16");
}

/// A full that nothing follows is the very file that etcd sent.
#[test]
fn a_full_alone_comes_out_byte_for_byte() {
    let (site, _) = Site::with_history();
    let full = full_name(20, testkit::backup::Compression::Gzip);
    let report = exported(&site, &["--snapshot", &full, "full.db"]);
    let mut meant = Vec::new();
    let object = site.read(&full);
    std::io::copy(&mut MultiGzDecoder::new(&object[..]), &mut meant).unwrap();
    let found = fs::read(site.path().join("full.db")).unwrap();
    assert!(found == meant, "{report}");
    let (database, hash) = found.split_at(found.len() - 32);
    assert_eq!(Sha256::digest(database).as_slice(), hash);
    assert_eq!(report["sha256"], hex(hash), "{report}");
    assert_eq!(report["bytes"], found.len(), "{report}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_file_is_its_owners_and_nothing_else_is_left() {
    let (site, history) = Site::with_history();
    let run = Run::of({
        let mut command = site.command("export", &["new.db"]);
        command.current_dir(site.path());
        command
    });
    for word in [
        "Exported revision 60 to new.db",
        "live key",
        "SHA-256",
        "hashkv",
    ] {
        assert!(succeeded(&run).stdout.contains(word), "{}", run.stdout);
    }
    let mode = fs::metadata(site.path().join("new.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(left(&site), ["new.db", "store"]);
    let report = exported(&site, &["--force", "new.db"]);
    assert_eq!(report["keys"], history.live().count(), "{report}");
    assert_eq!(report["deltas"].as_array().unwrap().len(), 2, "{report}");
}

/// All names in the directory of the site, in order.
pub(crate) fn left(site: &Site) -> Vec<String> {
    let entries = fs::read_dir(site.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// To hand a snapshot to another machine it had to be written to this one first.
#[test]
fn a_pipe_gets_the_same_bytes() {
    let (site, _) = Site::with_history();
    exported(&site, &["new.db"]);
    let mut command = site.command("export", &["-"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout == fs::read(site.path().join("new.db")).unwrap());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("exported revision 60"), "{told}");
    site.run("export", &["-", "-o", "json"])
        .failed_with(&["name a FILE"]);
}

/// What was packed comes out plain, for tools that read nothing else.
#[test]
fn a_packed_file_comes_out_plain() {
    let (site, history) = Site::with_history();
    let packed = testkit::backup::compress(testkit::backup::Compression::Gzip, &history.full(20));
    fs::write(site.path().join("packed.gz"), packed).unwrap();
    succeeded(&etcdbrctl(
        &site,
        &["export", "--from-file", "packed.gz", "plain.db"],
    ));
    assert!(fs::read(site.path().join("plain.db")).unwrap() == history.full(20));
}
