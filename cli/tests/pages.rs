//! docs/systemd.md and docs/cronjob.md: their commands are run as they stand there, on a real etcd.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use testkit::etcd::Etcd;
use testkit::{oracles, wait};

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

/// The package brings a unit of its own: that of the page, for the place where the package puts the program.
#[test]
fn the_unit_of_the_package_is_that_of_the_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/systemd.md")).unwrap();
    let unit = page.split("```ini\n").nth(1).unwrap();
    let unit = unit.split("```").next().unwrap();
    let packed = fs::read_to_string(root.join("packaging/etcdbrctl.service")).unwrap();
    assert_eq!(unit.replace("/usr/local/bin/", "/usr/bin/"), packed);
}

/// Packages bring a page for each command; one that is missing would be seen by nobody.
#[test]
fn every_command_has_a_man_page() {
    let room = tempfile::tempdir().unwrap();
    let written = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
        .args(["man-pages", "--dir"])
        .arg(room.path())
        .output()
        .unwrap();
    assert!(written.status.success(), "{written:?}");
    let help = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.split("Commands:\n").nth(1).unwrap();
    let listed = listed.lines().take_while(|line| line.starts_with("  "));
    // What is longer than a line goes on further right.
    let begins = listed.filter(|line| !line.starts_with("   "));
    let verbs: Vec<_> = begins
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(verbs.len() > 20, "{verbs:?}");
    for verb in verbs.into_iter().filter(|verb| *verb != "help") {
        let page = room.path().join(format!("etcdbrctl-{verb}.1"));
        let page = fs::read_to_string(page).unwrap();
        assert!(page.contains(".TH"), "{verb}: {page}");
    }
    let refused = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
        .args(["man-pages", "--dir", "/nonexistent"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("were not written to /nonexistent"), "{told}");
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
