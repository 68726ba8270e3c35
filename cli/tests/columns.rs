//! How wide results are at a terminal: a collection had lines of 126 columns, an initialization paragraphs of 478,
//! while the help said "within 80 columns".
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::initialized::{DB, damage};
use support::terminal::{Stream, on_a_terminal};
use support::{Run, Site, two_lineages};
use testkit::backup::Compression::Gzip;
use testkit::etcd::{Etcd, Member};
use testkit::oracles;
use testkit::synthetic::{delta_name, full_name};

const COLUMNS: usize = 80;

/// A line may be wider for one word: the name of an object, a path or an address, which whoever reads copies. It
/// stands alone, after its label and what follows without a blank at the most.
fn may_be_wider(line: &str) -> bool {
    let words = line.split_whitespace().count();
    let has_label = line.trim_start().contains("  ") || line.starts_with("kept: ");
    words == 1 || (words == 2 && has_label)
}

/// A run with its result on a terminal, no line of which is too wide: what it showed.
fn shown(command: Command) -> String {
    let called = format!("{command:?}");
    let (_, shown) = on_a_terminal(command, Stream::Output);
    for line in shown.lines() {
        let is_wide = line.chars().count() > COLUMNS;
        assert!(
            !is_wide || may_be_wider(line),
            "{called}\n{line}\nin\n{shown}"
        );
    }
    shown
}

/// The same of a run that has a result.
fn result(command: Command) -> String {
    let called = format!("{command:?}");
    let shown = shown(command);
    assert!(!shown.trim().is_empty(), "nothing came of {called}");
    shown
}

fn with_data_dir(site: &Site, verb: &str, args: &[&str]) -> Command {
    let dir = site.data_dir();
    site.command(
        verb,
        &[&["--data-dir", dir.to_str().unwrap()], args].concat(),
    )
}

/// Stores that are whole, with a gap, of two lineages, with what is no snapshot, and of one full.
fn stores() -> Vec<Site> {
    let whole = Site::with_backup("e35-gzip");
    let (gap, _) = Site::with_history();
    gap.remove(&delta_name(21, 40, Gzip));
    let (ignored, _) = Site::with_history();
    ignored.put("notes-of-somebody-who-had-no-better-place.txt", "x");
    ignored.put("Full-00000000-00000009-1600000009.gz.partial", "x");
    let (full, history) = (Site::new(), Site::with_history().1);
    full.put_full(&history, 20);
    vec![whole, gap, two_lineages::two(), ignored, full]
}

#[test]
fn what_a_store_holds_fits() {
    for site in stores() {
        result(site.command("list", &[]));
        result(site.command("gc", &["--dry-run"]));
        result(site.command("gc", &["--dry-run", "--keep-daily", "1"]));
        result(site.command("restore", &["--dry-run"]));
        // With a gap there may be none: then nothing is printed.
        shown(site.command("verify", &[]));
        shown(site.command("verify", &["--fold"]));
        shown(site.command("restore", &[]));
        result(site.command("keep", &[&full_of(&site)]));
        result(site.command("gc", &["--keep-daily", "1"]));
    }
    result(Site::new().command("list", &[]));
    let (history, _) = Site::with_history();
    result(history.command("verify", &[]));
    result(history.command("restore", &[]));
}

/// The newest full of a store.
fn full_of(site: &Site) -> String {
    let entries = fs::read_dir(site.store().join("v2")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let fulls = names.filter(|name| name.starts_with("Full-") && name.ends_with(".gz"));
    fulls.max().unwrap()
}

/// The names of objects below a long prefix are wider than the rest leaves room for: they are not broken.
#[test]
fn long_names_stand_alone() {
    let (site, _) = Site::with_history();
    let prefix =
        "a-prefix-of-somebody/who-writes-down/all-there-is-to-know/of-the-cluster-it-is-of";
    let below = site.store().join(prefix);
    fs::create_dir_all(&below).unwrap();
    fs::rename(site.store().join("v2"), below.join("v2")).unwrap();
    let flags = ["--store-prefix", prefix];
    for (verb, more) in [
        ("list", &[][..]),
        ("verify", &[]),
        ("gc", &["--dry-run"]),
        ("restore", &["--dry-run"]),
        ("restore", &[]),
    ] {
        let shown = result(site.command(verb, &[&flags, more].concat()));
        let is_named = shown.contains("/of-the-cluster-it-is-of");
        assert_eq!(is_named, matches!(verb, "list" | "gc"), "{shown}");
    }
}

#[test]
fn what_is_done_about_a_member_fits() {
    let (site, _) = Site::with_history();
    let both = |args: &[&str]| {
        result(with_data_dir(&site, "validate", &[]));
        result(with_data_dir(
            &site,
            "initialize",
            &[&["--dry-run"], args].concat(),
        ));
        // What is refused is an error.
        shown(with_data_dir(&site, "initialize", args));
    };
    // None, a whole one, one that is damaged, one that holds more than the backups.
    both(&[]);
    both(&[]);
    damage(&site);
    both(&[]);
    fs::write(site.data_dir().join(DB), "no database").unwrap();
    both(&["--salvage-wal"]);
    for name in [delta_name(41, 60, Gzip), delta_name(21, 40, Gzip)] {
        site.remove(&name);
        both(&[]);
    }
    damage(&site);
    both(&["--salvage-wal"]);
    site.remove(&full_name(20, Gzip));
    damage_all(&site);
    both(&["--allow-empty-start"]);
}

/// Leaves nothing of a member to restore from.
fn damage_all(site: &Site) {
    fs::create_dir_all(site.data_dir().join("member/snap")).unwrap();
    fs::write(site.data_dir().join(DB), "no database").unwrap();
}

#[test]
fn what_is_in_the_files_of_a_member_fits() {
    let (site, _) = Site::with_history();
    site.restore(&[]);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/etcd/tests/data");
    let inspect = |what: &str, path: PathBuf| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().args(["inspect", what]).arg(path);
        result(command)
    };
    for what in ["wal", "snap", "db"] {
        inspect(what, site.data_dir());
    }
    inspect("wal", data.join("wal/small"));
    // The column of learners, which there are none of, stood on lines of its own.
    let shown = inspect("snap", data.join("wal/small"));
    let row = shown.lines().find(|line| line.starts_with("0000"));
    assert!(
        row.is_some_and(|row| row.contains("bfe12b43c63570f3")),
        "{shown}"
    );
    assert!(!shown.contains("LEARNERS"), "{shown}");
    damage(&site);
    inspect("db", site.data_dir());
    fs::write(site.data_dir().join(DB), "no database").unwrap();
    inspect("db", site.data_dir());
}

#[test]
fn what_is_taken_of_an_etcd_fits() {
    let etcd = Etcd::fresh(&oracles::etcd("3.5.35").unwrap()).unwrap();
    let site = Site::new();
    let endpoint = etcd.client_url();
    let flags = ["--endpoints", endpoint];
    for subject in ["full", "delta"] {
        etcd.put(b"key", subject.as_bytes()).unwrap();
        result(site.command("snapshot", &[&[subject], &flags[..]].concat()));
    }
    result(site.command("snapshot", &[&["delta"], &flags[..]].concat()));
    result(site.command("verify", &["--against", endpoint, "--scan"]));
    let mut defragment = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    defragment.args(["defragment", "--endpoints", endpoint, "--min-gain", "0"]);
    let shown = result(defragment);
    assert!(shown.contains("defragmented: "), "{shown}");
}

#[test]
fn the_recovery_of_a_quorum_fits() {
    let room = tempfile::tempdir().unwrap();
    let members = Member::cluster(["one", "two", "three"]).unwrap();
    let places = members.map(|member| {
        let dir = room.path().join(member.name());
        (member, dir)
    });
    let etcds = Etcd::cluster(&oracles::etcd("3.5.35").unwrap(), &places).unwrap();
    drop(etcds);
    let recover = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.arg("recover-quorum").args(args);
        for (_, dir) in &places[..2] {
            command.arg("--data-dir").arg(dir);
        }
        command
    };
    let plan = result(recover(&[]));
    let id = plan.split("--cluster-id=").nth(1).unwrap();
    let id = id.split_whitespace().next().unwrap();
    fs::remove_dir_all(places[1].1.join("member/wal")).unwrap();
    result(recover(&[]));
    let done = result(recover(&["--cluster-id", id]));
    assert!(done.contains("member add"), "{done}");
}

#[test]
fn a_trial_of_a_store_fits() {
    let site = Site::new();
    result(site.command("conformance", &["--dry-run"]));
    result(site.command("conformance", &["--case", "put"]));
}

#[test]
fn a_compaction_fits() {
    let (site, _) = Site::with_history();
    result(site.command("compact", &["--dry-run"]));
    result(site.command("compact", &[]));
    result(site.command("compact", &[]));
    let site = two_lineages::two();
    let old = two_lineages::OLD;
    result(site.command("compact", &["--lineage", old]));
    let levels = ["--levels", "--lineage", old];
    result(site.command("compact", &[&levels[..], &["--dry-run"]].concat()));
    result(site.command("compact", &levels));
    result(site.command("compact", &levels));
}

#[test]
fn a_copy_fits() {
    let site = two_lineages::two();
    let copy = |args: &[&str]| {
        let to = site.path().join("copied").display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.args(["copy", "--store-container", &to, "--source-store-container"]);
        command.arg(site.store()).args(args);
        command
    };
    result(copy(&["--max-backups-to-copy", "1", "--dry-run"]));
    result(copy(&[]));
    result(copy(&["--read-back"]));
    fs::write(
        site.path().join("copied/v2").join(full_name(20, Gzip)),
        b"x",
    )
    .unwrap();
    shown(copy(&[]));
}

#[test]
fn a_plain_snapshot_and_a_drill_fit() {
    let (site, _) = Site::with_history();
    let file = site.path().join("plain.db").display().to_string();
    result(site.command("export", &[&file]));
    result(site.command("export", &["--force", "--at-revision", "40", &file]));
    let time = ["--time", "2000-01-01T00:00:00Z"];
    result(site.command("import", &[&[&*file, "--dry-run"][..], &time].concat()));
    result(site.command("import", &[&[&*file][..], &time].concat()));
    result(site.command("import", &[&[&*file][..], &time].concat()));
    result(site.command("drill", &[]));
    result(site.command("drill", &["--etcd", "no-etcd-of-this-name"]));
}

/// Each command is tried above. The script of `completion` is for a shell, `server` and `ui` print no result, `get`, `diff` and `extract`
/// what somebody put.
#[test]
fn no_command_is_left_out() {
    let tried = "compact completion conformance copy defragment diff drill export extract gc get import initialize inspect keep keys list recover-quorum restore \
                 server snapshot ui validate verify";
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.arg("--help");
    let help = Run::of(command).stdout;
    let (_, listed) = help.split_once("Commands:\n").unwrap();
    let listed = listed.lines().take_while(|line| !line.is_empty());
    let mut names: Vec<&str> = listed
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    names.sort_unstable();
    assert_eq!(names.join(" "), tried);
}

/// In a pipe a sentence is found whole, and whoever asks for wide lines gets them.
#[test]
fn lines_are_broken_at_a_terminal_only() {
    let (site, _) = Site::with_history();
    let piped = Run::of(site.command("gc", &["--dry-run"]));
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(widest(&piped.stdout) > Some(COLUMNS), "{}", piped.stdout);
    let (_, wide) = on_a_terminal(
        site.command("gc", &["--dry-run", "-o", "wide"]),
        Stream::Output,
    );
    assert_eq!(wide.replace("\r\n", "\n"), piped.stdout);
}
