//! `--from-file`: a database that lies in a file of its own, as `etcdctl snapshot save`, k3s and a hurried `cp`
//! leave it. There was no way to restore one but to give it the name that etcd-backup-restore gives a full.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use support::{Run, Site};

/// The full of the sample, as etcd sent it: a database and its SHA-256.
fn snapshot(site: &Site) -> PathBuf {
    let backups = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip/v2");
    let mut files = fs::read_dir(backups)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_full = |path: &PathBuf| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("Full")
    };
    let full = fs::File::open(files.find(is_full).unwrap()).unwrap();
    let path = site.path().join("my.db");
    let mut to = fs::File::create(&path).unwrap();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(full), &mut to).unwrap();
    path
}

fn program(site: &Site, words: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().env("HOME", site.path());
    command.current_dir(site.path()).args(words);
    Run::of(command)
}

fn succeeded(run: &Run) -> &Run {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    run
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&succeeded(run).stdout).unwrap()
}

#[test]
fn a_snapshot_is_restored_verified_and_inspected() {
    let site = Site::new();
    snapshot(&site);
    let verified = json(&program(
        &site,
        &["verify", "--from-file", "my.db", "-o", "json"],
    ));
    let restored = program(&site, &["restore", "--from-file", "my.db", "-o", "json"]);
    assert!(!restored.stderr.contains("SHA-256"), "{}", restored.stderr);
    let restored = json(&restored);
    for same in ["revision", "hash_kv", "compact_revision"] {
        assert_eq!(restored[same], verified[same], "{same}");
    }
    assert_eq!(restored["base"], "my.db");
    assert!(restored["revision"].as_i64() > Some(1), "{restored}");
    assert!(site.path().join("default.etcd/member/snap/db").exists());
    succeeded(&program(&site, &["inspect", "db", "my.db"]));
    succeeded(&program(&site, &["validate"]));
}

/// One byte of a value that was changed gives a database without any fault of structure.
#[test]
fn a_snapshot_that_was_changed_is_refused() {
    let site = Site::new();
    let path = snapshot(&site);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    for verb in ["verify", "restore"] {
        program(&site, &[verb, "--from-file", "my.db"]).failed_with(&["my.db", "SHA-256"]);
    }
    assert!(!site.path().join("default.etcd").exists());
    succeeded(&program(
        &site,
        &["restore", "--from-file", "my.db", "--skip-hash-check"],
    ));
}

#[test]
fn a_copy_without_a_hash_is_restored_and_told() {
    let site = Site::new();
    let path = snapshot(&site);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 32]).unwrap();
    let run = program(&site, &["restore", "--from-file", "my.db"]);
    assert!(
        succeeded(&run)
            .stderr
            .contains("does not end with a SHA-256"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("lacks what only the member's WAL holds"),
        "{}",
        run.stderr
    );
    // One that was cut at a page looks like a copy; its pages tell.
    fs::write(&path, &bytes[..8192]).unwrap();
    program(&site, &["verify", "--from-file", "my.db"]).failed_with(&["my.db"]);
}

/// That a copy lacks what only the WAL holds was said in the log alone: the document said `"warnings": []`, and
/// with `-q` nobody was told at all.
#[test]
fn what_a_copy_lacks_is_in_the_document() {
    let site = Site::new();
    let path = snapshot(&site);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() - 32).unwrap();
    for verb in ["verify", "restore"] {
        let run = program(&site, &[verb, "--from-file", "my.db", "-o", "json", "-q"]);
        assert_eq!(run.stderr, "");
        let report = json(&run);
        let warned = report["warnings"].to_string();
        assert!(warned.contains("only the member's WAL holds"), "{report}");
        assert_eq!(report["hashes"], "missing", "{report}");
    }
    let told = program(&site, &["verify", "--from-file", "my.db"]);
    assert!(!told.stdout.contains("hashed"), "{}", told.stdout);
    assert_eq!(told.stderr.matches("only the member's WAL").count(), 1);
}

/// The advice was to restore with --to-revision, which --from-file does not go with, and to look at a list that
/// there is none of.
#[test]
fn what_can_be_done_about_a_file_is_of_files() {
    let site = Site::new();
    let path = snapshot(&site);
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() - 40] ^= 1;
    for bytes in [&changed[..], &whole[..8192]] {
        fs::write(&path, bytes).unwrap();
        for verb in ["verify", "restore"] {
            let run = program(&site, &[verb, "--from-file", "my.db"]);
            run.failed_with(&["hint: copy the file anew"]);
            assert!(!run.stderr.contains("--to-revision"), "{}", run.stderr);
            assert!(!run.stderr.contains("etcdbrctl list"), "{}", run.stderr);
        }
    }
}

#[test]
fn a_gzipped_snapshot_is_unpacked() {
    let site = Site::new();
    let path = snapshot(&site);
    let plain = json(&program(
        &site,
        &["verify", "--from-file", "my.db", "-o", "json"],
    ));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&fs::read(&path).unwrap()).unwrap();
    // Its name says nothing.
    fs::write(&path, packed.finish().unwrap()).unwrap();
    let run = json(&program(
        &site,
        &["restore", "--from-file", "my.db", "-o", "json"],
    ));
    assert_eq!(run["hash_kv"], plain["hash_kv"]);
    // It was called damaged, by a number that nobody knows.
    let inspected = json(&program(&site, &["inspect", "db", "my.db", "-o", "json"]));
    assert_eq!(inspected["revision"], plain["revision"]);
}

#[test]
fn what_is_no_database_is_named() {
    let site = Site::new();
    fs::write(
        site.path().join("notes.txt"),
        "buy milk, and a longer list of other things",
    )
    .unwrap();
    fs::write(site.path().join("k3s.zip"), b"PK\x05\x06 and so on").unwrap();
    for (name, why) in [
        ("notes.txt", "neither a database"),
        ("k3s.zip", "holds no file"),
        ("nothing.db", "No such file"),
        (".", "member/snap/db"),
    ] {
        for verb in ["restore", "verify"] {
            program(&site, &[verb, "--from-file", name]).failed_with(&[name, why]);
        }
    }
    program(&site, &["inspect", "db", "k3s.zip"]).failed_with(&["holds no file"]);
    let both = ["restore", "--from-file", "notes.txt", "--to-revision", "7"];
    program(&site, &both).failed_with(&["--to-revision"]);
}

/// `inspect db` called what other programs had packed a damaged database, whose "magic number is 0x00000016", with exit code
/// 13; a tar archive in gzip was damaged for `verify` as well. The files here begin as real ones do.
#[test]
fn what_others_have_packed_is_told_with_what_to_do() {
    use testkit::backup::{Compression, compress};
    let site = Site::new();
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    for (name, content, remedy) in [
        ("db.xz", b"\xfd7zXZ\0\0\x04 and so on".to_vec(), "xz -dc"),
        ("db.bz2", b"BZh91AY&SY and so on".to_vec(), "bzip2 -dc"),
        ("db.tar", tar.clone(), "tar -xf"),
        ("db.tar.gz", compress(Compression::Gzip, &tar), "tar -xf"),
        ("db.tar.zst", compress(Compression::Zstd, &tar), "tar -xf"),
    ] {
        fs::write(site.path().join(name), content).unwrap();
        for command in [["verify", "--from-file"], ["inspect", "db"]] {
            let words = [command[0], command[1], name];
            program(&site, &words).failed_with(&[name, "unpack it first", remedy]);
        }
    }
    // A damaged database is still looked at.
    let damaged = site.path().join("damaged.db");
    fs::write(&damaged, vec![0; 8192]).unwrap();
    let run = program(&site, &["inspect", "db", "damaged.db"]);
    assert_eq!(run.code, Some(13), "{}{}", run.stdout, run.stderr);
}

/// A delta was read as a database, and "its magic number is 0x3a22766b"; a full in LZW, which the program reads from
/// every store, was "neither a database nor gzipped".
#[test]
fn an_object_of_a_store_is_known_by_its_name() {
    use testkit::backup::{Compression, compress};
    let (site, history) = Site::with_history();
    let delta = support::delta_name(21, 40, Compression::Gzip);
    for verb in ["verify", "restore"] {
        let delta = format!("store/v2/{delta}");
        program(&site, &[verb, "--from-file", &delta]).failed_with(&["is a delta", "its full"]);
    }
    for compression in Compression::ALL {
        let name = support::full_name(20, compression);
        fs::write(
            site.path().join(&name),
            compress(compression, &history.full(20)),
        )
        .unwrap();
        let flags = ["verify", "--from-file", &name, "-o", "json"];
        let report = json(&program(&site, &flags));
        assert_eq!(report["revision"], 20, "{report}");
        succeeded(&program(&site, &["inspect", "db", &name]));
    }
}

/// What a running etcd writes to is another database at its end than at its beginning.
#[test]
fn a_database_in_use_is_refused() {
    let site = Site::new();
    let file = fs::File::open(snapshot(&site)).unwrap();
    let _held = engine::lock::exclusive(file).unwrap().unwrap();
    program(&site, &["restore", "--from-file", "my.db"]).failed_with(&["etcdctl snapshot save"]);
}

/// It said that `etcdbrctl verify` reads the objects, which would have read a store, and of `/dev/null` that the database of
/// a data directory is `/dev/null/member/snap/db`.
#[test]
fn a_dry_run_changes_nothing() {
    let site = Site::new();
    snapshot(&site);
    let run = program(&site, &["restore", "--from-file", "my.db", "--dry-run"]);
    let next = "`etcdbrctl verify --from-file my.db` reads the file";
    assert!(succeeded(&run).stdout.contains(next), "{}", run.stdout);
    assert!(!site.path().join("default.etcd").exists());
    let run = program(&site, &["verify", "--from-file", "/dev/null"]);
    run.failed_with(&["it is not a regular file"]);
    assert!(!run.stderr.contains("member/snap"), "{}", run.stderr);
}

/// A dry run of a file told no revision, where that of a chain does: whoever had three snapshots of three days had to
/// restore them to learn which was which.
#[test]
fn a_dry_run_tells_what_the_file_holds() {
    let site = Site::new();
    let path = snapshot(&site);
    let verified = ["verify", "--from-file", "my.db", "-o", "json"];
    let verified = json(&program(&site, &verified));
    let revision = verified["revision"].as_i64().unwrap();
    let dry_run = |more: &[&str]| {
        let words = ["restore", "--from-file", "my.db", "--dry-run"];
        program(&site, &[&words[..], more].concat())
    };
    let plain = json(&dry_run(&["-o", "json"]));
    assert_eq!(plain["revision"].as_i64(), Some(revision), "{plain}");
    assert_eq!(plain["file"]["revision"].as_i64(), Some(revision));
    assert_eq!(plain["file"]["members"][0], "default", "{plain}");
    assert_eq!(plain["file"]["cluster_version"], "3.5.0", "{plain}");
    let told = dry_run(&[]);
    for word in [
        &format!("to revision {revision}"),
        "1 member (default), cluster version 3.5.0",
    ] {
        assert!(
            succeeded(&told).stdout.contains(word),
            "no {word:?} in {}",
            told.stdout
        );
    }
    // The same of one that is packed; and one of which it cannot be read is no plan.
    let bytes = fs::read(&path).unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&bytes).unwrap();
    fs::write(&path, packed.finish().unwrap()).unwrap();
    let of_packed = json(&dry_run(&["-o", "json"]));
    assert_eq!(of_packed["file"], plain["file"]);
    fs::write(&path, &bytes[..8192]).unwrap();
    dry_run(&[]).failed_with(&["my.db", "hint: copy the file anew"]);
    assert!(!site.path().join("default.etcd").exists());
}

/// A restore from a file left a mark in the member that keeps later runs of `initialize` from the newest state of a
/// store which was merely exported, and said nothing of it.
#[test]
fn that_a_store_is_left_out_is_told() {
    let (site, _) = Site::with_history();
    snapshot(&site);
    let restore = |data_dir: &str, words: &[&str]| {
        let flags = ["restore", "--from-file", "my.db", "--data-dir", data_dir];
        program(&site, &[&flags[..], words].concat())
    };
    let told = restore("a.etcd", &["--store-container", "store"]).stdout;
    for word in ["left out  3 objects", "member/.etcdbr.chosen.json"] {
        assert!(told.contains(word), "no {word:?} in {told}");
    }
    let report = json(&restore(
        "b.etcd",
        &["--store-container", "store", "-o", "json"],
    ));
    assert_eq!(report["left_out"]["objects"], 3, "{report}");
    let alone = json(&restore("c.etcd", &["-o", "json"]));
    assert_eq!(alone["left_out"], Value::Null, "{alone}");
}

/// After a restore from a file the next `initialize` would have brought back what the store leads to: nothing
/// said that the state in the file was meant.
#[test]
fn the_next_initialize_keeps_what_came_from_a_file() {
    let (site, _) = Site::with_history();
    snapshot(&site);
    let store = ["--store-container", "store"];
    let run = program(
        &site,
        &[&["restore", "--from-file", "my.db"][..], &store].concat(),
    );
    succeeded(&run);
    let initialized = program(&site, &[&["initialize", "-o", "json"][..], &store].concat());
    let outcome = json(&initialized);
    assert_eq!(outcome["restored"], Value::Null, "{outcome}");
    assert!(
        initialized.stderr.contains("the file my.db"),
        "{}",
        initialized.stderr
    );
    // A damaged one is not replaced by what it is not.
    fs::write(site.path().join("default.etcd/member/snap/db"), b"gone").unwrap();
    program(&site, &[&["initialize"][..], &store].concat()).failed_with(&["default.etcd"]);
}
