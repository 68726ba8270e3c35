use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::geteuid;
use testkit::etcd::Etcd;
use testkit::oracles;

use crate::snapshotter::{Snapshotter, command, leads_to};
use crate::support::Site;

/// One whose store is a volume of its own, of so many MiB: it dies with the process.
fn on_a_small_volume(site: &Site, etcd: &Etcd, mib: usize) -> (Snapshotter, PathBuf) {
    let inner = command(
        site,
        etcd,
        &["--delta-snapshot-period", "1s", "--schedule", "@every 24h"],
    );
    fs::create_dir_all(site.store()).unwrap();
    let mut shell = Command::new("unshare");
    if !geteuid().is_root() {
        shell.arg("--map-root-user");
    }
    let hint = "this test mounts a small file system: run it as root, or allow user namespaces";
    let script = format!(
        "mount -t tmpfs -o size={mib}m tmpfs \"$0\" || {{ echo '{hint}' >&2; exit 77; }}; exec \"$@\""
    );
    shell
        .args(["--mount", "sh", "-c", &script])
        .arg(site.store());
    shell.arg(inner.get_program()).args(inner.get_args());
    shell.args(["--log-format", "json"]);
    let snapshotter = Snapshotter::spawn(shell, site.path().join("snapshotter.log"));
    // As that process sees it.
    let root = PathBuf::from(format!("/proc/{}/root", snapshotter.pid()));
    let store = root.join(site.store().strip_prefix("/").unwrap());
    (snapshotter, store)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// A store that is full takes nothing, which is said; when there is space again, what etcd was written meanwhile is
/// stored, and nothing of what failed lies about.
#[test]
fn a_store_that_fills_costs_no_revision() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    etcd.put(b"a", b"1").unwrap();
    let (mut snapshotter, store) = on_a_small_volume(&site, &etcd, 4);
    snapshotter.stores(2);
    let filler = store.join("filler");
    fs::write(&filler, vec![0; 3 << 20]).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let mut put = || {
        let value: Vec<u8> = (0..150_000).map(|_| random.u8(..)).collect();
        etcd.put(b"a", &value).unwrap()
    };
    let mut last = 0;
    for _ in 0..8 {
        last = put();
    }
    snapshotter.says("No space left on device");
    assert!(snapshotter.stored().last() < Some(&last));
    last = last.max(put());
    fs::remove_file(&filler).unwrap();
    snapshotter.stores(last);
    last = put();
    snapshotter.stores(last);
    copy(&store, &site.path().join("copied"));
    let run = snapshotter.stop();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    fs::remove_dir_all(site.store()).unwrap();
    fs::rename(site.path().join("copied"), site.store()).unwrap();
    leads_to(&site, &etcd, last);
    // What is there can be read by name: nothing is half written.
    for entry in fs::read_dir(site.store().join("v2")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name.starts_with("Full-") || name.starts_with("Incr-"),
            "{name}"
        );
    }
}
