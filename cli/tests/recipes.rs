//! docs/recipes: the commands of etcdbrctl and of etcd's own tools are run as they stand there, on snapshots that `etcdctl` took of
//! a real etcd. Those of distributions that cannot be had here stand in blocks of text, which are not run.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::etcd::{Etcd, Member};
use testkit::oracles;

/// It brings its etcdctl and its etcdutl.
const ETCD: &str = "3.5.1";

fn recipes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/recipes")
}

/// What stands between ```sh and ``` in a page, in order.
fn script(page: &str) -> String {
    let page = fs::read_to_string(recipes().join(page)).unwrap();
    let after = page.split("```sh\n").skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

/// Runs `script` in `dir`, with etcdbrctl on the path: what it said.
fn run(dir: &Path, script: &str) -> String {
    let ours = Path::new(env!("CARGO_BIN_EXE_etcdbrctl")).parent().unwrap();
    let script = format!("PATH=\"{}:$PATH\"\n{script}", ours.display());
    let etcd = oracles::etcd(ETCD).unwrap();
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(dir)
        .env("HOME", dir)
        .env("ETCD", etcd.path())
        .env("ETCDUTL", etcd.sibling("etcdutl").unwrap())
        .output()
        .unwrap();
    let (out, err) = (output.stdout.as_slice(), output.stderr.as_slice());
    let said = String::from_utf8([out, err].concat()).unwrap();
    assert!(output.status.success(), "{script}\n{said}");
    said
}

/// What `etcdctl snapshot save` made of an etcd with one key.
fn snapshot(path: &Path) {
    let binary = oracles::etcd(ETCD).unwrap();
    let etcd = Etcd::fresh(&binary).unwrap();
    etcd.put(b"/registry/pods/one", b"pod").unwrap();
    etcd.save_snapshot(path).unwrap();
}

/// The same as k3s packs it: one deflated file, its sizes told after it. Python's `zipfile` writes what Go's `archive/zip` does.
fn zipped(from: &Path, to: &Path) {
    let pack = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED) as z: z.write(sys.argv[1], 'snapshot')";
    let mut python = Command::new("python3");
    python.args(["-c", pack]).arg(from).arg(to);
    assert!(python.status().unwrap().success());
}

/// A store that leads from revision to revision, as `backups` in `dir`.
fn backups(dir: &Path) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip");
    std::os::unix::fs::symlink(sample.canonicalize().unwrap(), dir.join("backups")).unwrap();
}

/// All that the page says of a node happens below `root`, and the peer of the page is `member`.
fn below(root: &Path, member: &Member, script: &str) -> String {
    let url = member.flags().last().unwrap().clone();
    let mut script = script.replace("https://10.0.0.1:2380", &url);
    for directory in ["/root/", "/etc/", "/var/"] {
        let here = format!("{}{directory}", root.display());
        script = script.replace(&format!(" {directory}"), &format!(" {here}"));
    }
    assert!(!script.contains("10.0.0."), "{script}");
    script
}

fn serves_one_key(member: &Member, data_dir: &Path) -> i64 {
    let binary = oracles::etcd(ETCD).unwrap();
    let etcd = Etcd::serving(&binary, member, data_dir, &[]).unwrap();
    let state = etcd.state().unwrap();
    assert_eq!(state.kvs().len(), 1);
    state.revision()
}

#[test]
fn a_kubeadm_cluster_is_restored_as_told() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    for made in ["root", "etc/kubernetes/manifests", "var/lib/etcd/member"] {
        fs::create_dir_all(dir.join(made)).unwrap();
    }
    let manifests = dir.join("etc/kubernetes/manifests");
    for manifest in ["etcd.yaml", "kube-apiserver.yaml"] {
        fs::write(manifests.join(manifest), "").unwrap();
    }
    snapshot(&dir.join("root/snapshot.db"));
    let [member] = Member::cluster(["node-1"]).unwrap();
    let said = run(dir, &below(dir, &member, &script("kubeadm.md")));
    assert!(said.contains("Drill passed"), "{said}");
    assert!(dir.join("var/lib/etcd.old/member").exists());
    assert!(manifests.join("etcd.yaml").exists());
    let raised = serves_one_key(&member, &dir.join("var/lib/etcd"));
    assert!(raised > 1_000_000_000, "{raised}");
    assert_eq!(serves_one_key(&member, &dir.join("var/lib/etcd.other")), 2);
}

#[test]
fn snapshots_of_k3s_and_rke2_are_handled_as_told() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    fs::create_dir(dir.join("snapshots")).unwrap();
    fs::create_dir(dir.join("kept")).unwrap();
    let plain = dir.join("snapshots/etcd-snapshot-node-1-1763802786");
    snapshot(&plain);
    zipped(
        &plain,
        &dir.join("snapshots/etcd-snapshot-node-1-1763845986.zip"),
    );
    backups(dir);
    let said = run(dir, &script("k3s.md"));
    assert!(said.contains("/registry/pods/one"), "{said}");
    assert_eq!(fs::read_dir(dir.join("kept/v2")).unwrap().count(), 1);
    let said = run(dir, &script("rke2.md"));
    assert!(said.contains("Drill passed"), "{said}");
    restored_by_etcdutl(dir, "then.db");
}

/// What a distribution gives to its restore, given to the tool of etcd that it stands on.
fn restored_by_etcdutl(dir: &Path, file: &str) {
    let etcdutl = oracles::etcd(ETCD).unwrap().sibling("etcdutl").unwrap();
    let mut command = Command::new(etcdutl);
    command.args(["snapshot", "restore"]).arg(dir.join(file));
    command.arg("--data-dir").arg(dir.join("by-etcdutl"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn snapshots_of_talos_are_handled_as_told() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    let path = dir.join("db.snapshot");
    snapshot(&path);
    let bytes = fs::read(&path).unwrap();
    let mut copied = fs::File::create(dir.join("db")).unwrap();
    copied.write_all(&bytes[..bytes.len() - 32]).unwrap();
    backups(dir);
    let said = run(dir, &script("talos.md"));
    assert!(said.contains("does not end with a SHA-256"), "{said}");
    // Of that copy it is the very snapshot.
    assert!(fs::read(dir.join("db.snapshot-of-copy")).unwrap() == bytes);
    restored_by_etcdutl(dir, "then.snapshot");
}

#[test]
fn snapshots_of_openshift_are_handled_as_told() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    snapshot(&dir.join("snapshot_2026-11-22_091306.db"));
    backups(dir);
    run(dir, &script("openshift.md"));
    restored_by_etcdutl(dir, "snapshot_then.db");
}

/// What is not run says where it is from.
#[test]
fn what_is_not_tried_names_its_source() {
    for entry in fs::read_dir(recipes()).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        if page.contains("```text") {
            let told =
                page.contains("not run for this page") && page.contains("documentation](https://");
            assert!(told, "{}", path.display());
        }
    }
}
