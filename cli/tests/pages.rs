//! docs/kubeadm.md, docs/k3s.md, docs/systemd.md and docs/cronjob.md: their commands are run as they stand there, on a snapshot
//! that `etcdctl` took of a real etcd.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use testkit::etcd::{Etcd, Member};
use testkit::{oracles, wait};

/// It brings its etcdctl.
const ETCD: &str = "3.5.1";

/// What stands between ```sh and ``` in a page, in order.
fn blocks(page: &str) -> Vec<String> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = fs::read_to_string(docs.join(page)).unwrap();
    let after = page.split("```sh\n").skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// Runs `script` in `dir`, with etcdbrctl on the path.
fn run(dir: &Path, script: &str) {
    let ours = Path::new(env!("CARGO_BIN_EXE_etcdbrctl")).parent().unwrap();
    let script = format!("PATH=\"{}:$PATH\"\n{script}", ours.display());
    let output = Command::new("sh")
        .args(["-euc", &script])
        .current_dir(dir)
        .env("HOME", dir)
        .output()
        .unwrap();
    let (out, err) = (output.stdout.as_slice(), output.stderr.as_slice());
    let said = String::from_utf8([out, err].concat()).unwrap();
    assert!(output.status.success(), "{script}\n{said}");
}

/// What `etcdctl snapshot save` made of an etcd with one key.
fn snapshot(path: &Path) {
    let binary = oracles::etcd(ETCD).unwrap();
    let etcd = Etcd::fresh(&binary).unwrap();
    etcd.put(b"/registry/pods/one", b"pod").unwrap();
    etcd.save_snapshot(path).unwrap();
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
    let script = below(dir, &member, &blocks("kubeadm.md").concat());
    run(dir, &script);
    assert!(dir.join("var/lib/etcd.old/member").exists());
    assert!(manifests.join("etcd.yaml").exists());
    let binary = oracles::etcd(ETCD).unwrap();
    let etcd = Etcd::serving(&binary, &member, &dir.join("var/lib/etcd"), &[]).unwrap();
    let state = etcd.state().unwrap();
    assert_eq!(state.kvs().len(), 1);
    assert!(state.revision() > 1_000_000_000, "{}", state.revision());
}

#[test]
fn a_snapshot_of_k3s_is_verified_as_told() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    fs::create_dir(dir.join("snapshots")).unwrap();
    snapshot(&dir.join("snapshots/etcd-snapshot-node-1-1763802786"));
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip");
    std::os::unix::fs::symlink(sample.canonicalize().unwrap(), dir.join("backups")).unwrap();
    run(dir, &blocks("k3s.md").concat());
}

/// Runs a command of a page on this etcd, into a directory.
fn on_this_etcd(words: &[&str], etcd: &Etcd, room: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .env_clear()
        .args(words)
        .args(["--endpoints", etcd.client_url()])
        .args(["--storage-provider", "Local", "--store-container"])
        .arg(room.join("backups"));
    command
}

/// The unit of the page, as far as systemd does not read it itself: its command, and how it is stopped.
#[test]
fn the_unit_of_systemd_takes_backups_and_stops() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/systemd.md");
    let page = fs::read_to_string(docs).unwrap();
    let command = page
        .split("ExecStart=/usr/local/bin/etcdbrctl ")
        .nth(1)
        .unwrap();
    let command = command.lines().next().unwrap();
    // The one word in quotes holds spaces.
    let [before, schedule, after] = command.split('"').collect::<Vec<_>>()[..] else {
        unreachable!("{command}")
    };
    let words: Vec<&str> = before.split_whitespace().chain([schedule]).collect();
    let words: Vec<&str> = words.into_iter().chain(after.split_whitespace()).collect();
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    etcd.put(b"a", b"1").unwrap();
    let room = tempfile::tempdir().unwrap();
    let mut process = on_this_etcd(&words, &etcd, room.path()).spawn().unwrap();
    let full = room.path().join("backups/meta");
    wait::until("a full", Duration::from_secs(30), || {
        Ok(full.exists().then_some(()))
    })
    .unwrap();
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&process),
        rustix::process::Signal::TERM,
    )
    .unwrap();
    assert!(process.wait().unwrap().success());
    for variable in page.lines().filter(|line| line.starts_with("ETCDBRCTL_")) {
        let name = variable.split('=').next().unwrap();
        let help = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        let help = { help }.args(["snapshot", "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(help.contains(&format!("[env: {name}=")), "{name}");
    }
}

/// The arguments of the CronJob of the page, without its certificates.
#[test]
fn the_cron_job_takes_a_full() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cronjob.md");
    let page = fs::read_to_string(docs).unwrap();
    let args = page.split("args:\n").nth(1).unwrap();
    let args = args
        .lines()
        .map_while(|line| line.trim().strip_prefix("- "));
    let of_the_node = [
        "--endpoints",
        "--cacert",
        "--cert",
        "--key",
        "--storage-provider",
        "--store-container",
    ];
    let is_of_the_node = |word: &&str| of_the_node.contains(&word.split('=').next().unwrap());
    let words: Vec<&str> = args.filter(|word| !is_of_the_node(word)).collect();
    assert!(words.contains(&"--once") && words.len() == 4, "{words:?}");
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let room = tempfile::tempdir().unwrap();
    let output = on_this_etcd(&words, &etcd, room.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(room.path().join("backups/cluster-1/v2").exists());
}
