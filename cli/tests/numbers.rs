//! Numbers at the ends of their types, in names, events and databases: an answer or an error, never a
//! number that has wrapped around. This program is built with checks of its arithmetic, as releases are.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs::{self, File};
use std::path::Path;

use bolt::BulkWriter;
use etcd::mvcc::KeyValue;
use etcd::revision::{Entry, LAST, Revision};
use etcd::schema::{bucket, meta};
use sha2::{Digest, Sha256};
use support::{Run, Site};

const ENDS: [i64; 6] = [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX];

/// Ended with an answer or an error of its own.
fn sound(run: &Run, told: &str) {
    assert!(
        matches!(run.code, Some(0 | 1 | 10..30)),
        "{told}: {}",
        run.stderr
    );
    for word in ["panicked", "overflow", "died"] {
        assert!(!run.stderr.contains(word), "{told}: {}", run.stderr);
    }
}

fn all_verbs(site: &Site, told: &str) {
    let dir = site.data_dir();
    let dir = dir.to_str().unwrap();
    for args in [
        &["list"][..],
        &["verify"],
        &["restore", "--data-dir", dir],
        &["restore", "--data-dir", dir, "--compact"],
        &[
            "restore",
            "--data-dir",
            dir,
            "--bump-revision",
            "4611686018427387903",
        ],
        &[
            "restore",
            "--data-dir",
            dir,
            "--to-revision",
            "9223372036854775807",
        ],
        &[
            "restore",
            "--data-dir",
            dir,
            "--to-time",
            "2026-11-22T09:13:20Z",
        ],
        &["initialize", "--data-dir", dir, "--dry-run"],
    ] {
        let run = site.run(args[0], &args[1..]);
        sound(&run, &format!("{told}: {args:?}"));
        let _ = fs::remove_dir_all(dir);
    }
}

/// A full of the year 292,277,026,596 made every command overflow that looks for a second history.
#[test]
fn names_at_the_ends() {
    let max = i64::MAX;
    for names in [
        vec![
            format!("Full-00000000-00000010-{max}"),
            "Full-00000000-00000009-1".into(),
        ],
        vec![
            "Full-00000000-00000010-1".into(),
            format!("Full-00000000-00000009-{max}"),
        ],
        vec![
            format!("Full-00000000-{max}-1"),
            format!("Incr-{max}-{max}-2"),
        ],
        vec![
            format!("Full-{max}-{max}-{max}"),
            format!("Incr-00000002-{max}-{max}"),
        ],
        vec![
            "Full-00000000-00000000-0".into(),
            format!("Incr-{max}-{max}-0"),
        ],
    ] {
        let site = Site::new();
        for name in &names {
            fs::write(site.object(name), b"x").unwrap();
        }
        all_verbs(&site, &names.join(" "));
    }
}

#[test]
fn events_at_the_ends() {
    for field in [
        "create_revision",
        "version",
        "lease",
        "mod_revision",
        "leaseTTL",
    ] {
        for number in ENDS {
            let site = Site::new();
            let of = |name: &str, usual: i64| if name == field { number } else { usual };
            let content = format!(
                r#"[{{"etcdEvent":{{"kv":{{"key":"YQ==","create_revision":{},"mod_revision":{},"version":{},"value":"YQ==","lease":{}}}}},"time":"2026-01-01T00:00:00Z","leaseTTL":{}}}]"#,
                of("create_revision", 2),
                of("mod_revision", 2),
                of("version", 1),
                of("lease", 7),
                of("leaseTTL", 60),
            );
            let hash = Sha256::digest(&content);
            let object = [content.as_bytes(), hash.as_slice()].concat();
            fs::write(site.object("Incr-00000002-00000002-1700000000"), object).unwrap();
            all_verbs(&site, &format!("{field} {number}"));
        }
    }
}

/// A database with one put at `main`, its numbers all `number`, compacted at `compacted`.
fn database(path: &Path, main: i64, number: i64, compacted: i64) {
    let mut file = File::options();
    let file = file.read(true).write(true).create(true).truncate(true);
    let mut writer = BulkWriter::create(file.open(path).unwrap(), 4096).unwrap();
    writer.bucket(bucket::KEY).unwrap();
    let mut value = Vec::new();
    KeyValue {
        key: b"a",
        create_revision: number,
        mod_revision: number,
        version: number,
        value: b"v",
        lease: number,
    }
    .encode_put(&mut value);
    let key = Entry::put(Revision::new(main, 0)).to_bytes();
    writer.push(&key, &value).unwrap();
    writer.bucket(bucket::META).unwrap();
    writer
        .push(meta::CONSISTENT_INDEX, &u64::MAX.to_be_bytes())
        .unwrap();
    let mark = Revision::new(compacted, 0).to_bytes();
    writer.push(meta::SCHEDULED_COMPACTION, &mark).unwrap();
    writer.finish().unwrap();
}

#[test]
fn databases_at_the_ends() {
    for main in [2, LAST - 1, LAST, LAST + 1, i64::MAX, i64::MIN] {
        for number in [i64::MIN, -1, i64::MAX] {
            for compacted in [0, LAST, i64::MAX] {
                let site = Site::new();
                let told = format!("{main} {number} {compacted}");
                let full = site.object(&format!("Full-00000000-{:08}-1700000000", main.max(2)));
                database(&full, main, number, compacted);
                let mut bytes = fs::read(&full).unwrap();
                let hash = Sha256::digest(&bytes);
                bytes.extend_from_slice(&hash);
                fs::write(&full, bytes).unwrap();
                all_verbs(&site, &told);

                let member = site.data_dir().join("member");
                fs::create_dir_all(member.join("snap")).unwrap();
                fs::create_dir_all(member.join("wal")).unwrap();
                fs::write(member.join("wal/0.tmp"), b"").unwrap();
                database(&member.join("snap/db"), main, number, compacted);
                let dir = site.data_dir();
                for verb in ["validate", "initialize"] {
                    let run = site.run(verb, &["--data-dir", dir.to_str().unwrap()]);
                    sound(&run, &format!("{told}: {verb}"));
                }
            }
        }
    }
}
