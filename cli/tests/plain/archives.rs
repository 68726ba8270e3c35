//! Zip archives by Python's `zipfile`, which writes what Go's `archive/zip` does for k3s: one entry, deflated, its sizes after it
//! where the output is a stream.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{etcdbrctl, json, objects, snapshot, verified};
use crate::support::{Run, Site};

/// Runs a script that knows `my.db`, and how to write an archive as a stream.
pub(crate) fn python(dir: &Path, script: &str) {
    let begin = "
import zipfile, io, sys
content = open('my.db', 'rb').read()
class Stream(io.RawIOBase):
    # A pipe: nobody can go back in it.
    def __init__(self, path): self.file = open(path, 'wb')
    def writable(self): return True
    def write(self, data): return self.file.write(data)
    def close(self):
        self.file.close()
        super().close()
";
    let mut command = Command::new("python3");
    command
        .current_dir(dir)
        .args(["-c", &format!("{begin}{script}")]);
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{script}{}", run.stderr);
}

/// `etcdbrctl` told whoever had a compressed snapshot of k3s to unpack it first.
#[test]
fn an_archive_of_k3s_is_read_by_every_command() {
    let site = Site::new();
    snapshot(&site);
    let plain = verified(&site, "my.db");
    python(
        site.path(),
        "
with Stream('streamed.zip') as out, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('on-demand-node-1-1763802786', content)
with zipfile.ZipFile('plain.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('on-demand-node-1-1763802786', content)
with zipfile.ZipFile('stored.zip', 'w', zipfile.ZIP_STORED) as archive:
    archive.writestr('db', content)
with zipfile.ZipFile('zip64.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    with archive.open('db', 'w', force_zip64=True) as entry: entry.write(content)
with Stream('zip64-streamed.zip') as out, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
    with archive.open('db', 'w', force_zip64=True) as entry: entry.write(content)
with zipfile.ZipFile('directory.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('snapshots/', b'')
    archive.writestr('snapshots/db', content)
",
    );
    for name in [
        "streamed.zip",
        "plain.zip",
        "stored.zip",
        "zip64.zip",
        "zip64-streamed.zip",
        "directory.zip",
    ] {
        let found = verified(&site, name);
        for same in ["revision", "hash_kv", "hashes"] {
            assert_eq!(found[same], plain[same], "{name}");
        }
    }
    let file = "streamed.zip";
    let restore = ["restore", "--from-file", file, "-o", "json"];
    assert_eq!(
        json(&etcdbrctl(&site, &restore))["hash_kv"],
        plain["hash_kv"]
    );
    let dry_run = [
        "restore",
        "--from-file",
        file,
        "--dry-run",
        "--data-dir",
        "other",
        "-o",
        "json",
    ];
    assert_eq!(
        json(&etcdbrctl(&site, &dry_run))["revision"],
        plain["revision"]
    );
    let inspected = json(&etcdbrctl(&site, &["inspect", "db", file, "-o", "json"]));
    assert_eq!(inspected["revision"], plain["revision"]);
    let import = ["import", file, "--store-container", "store"];
    assert_eq!(etcdbrctl(&site, &import).code, Some(0));
    assert_eq!(objects(&site).len(), 2);
}

/// What an archive must not be, and what names it.
#[test]
fn an_archive_that_is_no_snapshot_is_named() {
    let site = Site::new();
    let (_, content) = snapshot(&site);
    python(
        site.path(),
        "
def archive(name, entries):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries: archive.writestr(entry, data)
archive('two.zip', [('a', content), ('b', content)])
archive('none.zip', [])
archive('only-directory.zip', [('snapshots/', b'')])
archive('climbs.zip', [('../../escaped.db', content)])
archive('absolute.zip', [('/escaped.db', content)])
archive('text.zip', [('notes', b'buy milk, and a longer list of other things ' * 99)])
archive('whole.zip', [('db', content)])
with zipfile.ZipFile('bzip2.zip', 'w', zipfile.ZIP_BZIP2) as archive: archive.writestr('db', content)
whole = open('whole.zip', 'rb').read()
open('cut.zip', 'wb').write(whole[:len(whole) // 2])
open('no-directory.zip', 'wb').write(whole[:-60])
open('trailing.zip', 'wb').write(whole + b'more')
changed = bytearray(whole)
changed[14] ^= 1
open('checksum.zip', 'wb').write(changed)
",
    );
    for (name, why) in [
        ("two.zip", "more than one file"),
        ("none.zip", "holds no file"),
        ("only-directory.zip", "holds no file"),
        ("climbs.zip", "outside of the archive"),
        ("absolute.zip", "outside of the archive"),
        ("text.zip", "text.zip"),
        ("bzip2.zip", "method 12"),
        ("cut.zip", "breaks off in its middle"),
        ("no-directory.zip", "breaks off in its middle"),
        ("trailing.zip", "trailing data"),
        ("checksum.zip", "checksum"),
    ] {
        let run = etcdbrctl(&site, &["verify", "--from-file", name]);
        run.failed_with(&[name, why]);
        let import = ["import", name, "--store-container", "store"];
        etcdbrctl(&site, &import).failed_with(&[name, why]);
    }
    assert_eq!(objects(&site), [""; 0]);
    for escaped in ["../../escaped.db", "../escaped.db", "escaped.db"] {
        assert!(!site.path().join(escaped).exists());
    }
    assert!(!content.is_empty());
}

/// A few megabytes that unpack to more than the disk holds.
#[test]
fn a_bomb_is_refused_before_it_fills_the_disk() {
    let site = Site::new();
    snapshot(&site);
    python(
        site.path(),
        "
import gzip
zeros = bytes(1 << 20)
with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    with archive.open('db', 'w', force_zip64=True) as entry:
        entry.write(content)
        for _ in range(700): entry.write(zeros)
with gzip.open('bomb.gz', 'wb', 1) as out:
    out.write(content)
    for _ in range(700): out.write(zeros)
",
    );
    for name in ["bomb.zip", "bomb.gz"] {
        let run = etcdbrctl(&site, &["verify", "--from-file", name]);
        run.failed_with(&[name, "its own first pages say less"]);
        let import = ["import", name, "--store-container", "store"];
        etcdbrctl(&site, &import).failed_with(&[name, "its own first pages say less"]);
        etcdbrctl(&site, &["inspect", "db", name]).failed_with(&["its own first pages say less"]);
    }
    assert_eq!(objects(&site), [""; 0]);
    assert!(fs::metadata(site.path().join("bomb.gz")).unwrap().len() < 20 << 20);
}
