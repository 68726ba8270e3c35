//! The command line as scripts see it: flags of the reference, exit codes, what goes where.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;
use support::{Run, Site};

/// Flags of `restore` in etcd-backup-restore 0.44 (`pkg/types/restorer.go`, `pkg/types/snapstore.go`)
/// with their defaults.
const REFERENCE: [(&str, &str); 21] = [
    ("storage-provider", ""),
    ("store-container", ""),
    ("store-prefix", ""),
    ("store-endpoint-override", ""),
    ("max-parallel-chunk-uploads", "5"),
    ("min-chunk-size", "5242880"),
    ("snapstore-temp-directory", "/tmp"),
    ("initial-cluster", "default=http://localhost:2380"),
    ("initial-cluster-token", "etcd-cluster"),
    ("data-dir", "default.etcd"),
    ("restoration-temp-snapshots-dir", "default.restoration.tmp"),
    ("initial-advertise-peer-urls", "http://localhost:2380"),
    ("name", "default"),
    ("skip-hash-check", "false"),
    ("max-fetchers", "6"),
    ("max-call-send-message-size", "10485760"),
    ("max-request-bytes", "10485760"),
    ("max-txn-ops", "10240"),
    ("embedded-etcd-quota-bytes", "8589934592"),
    ("auto-compaction-mode", "periodic"),
    ("auto-compaction-retention", "30m"),
];

/// Those that have nothing to steer.
const INERT: [&str; 10] = [
    "max-parallel-chunk-uploads",
    "min-chunk-size",
    "snapstore-temp-directory",
    "restoration-temp-snapshots-dir",
    "max-call-send-message-size",
    "max-request-bytes",
    "max-txn-ops",
    "embedded-etcd-quota-bytes",
    "auto-compaction-mode",
    "auto-compaction-retention",
];

/// `etcdbrctl` in `site`'s directory, which is its home too, with these words and no others.
fn plain(site: &Site, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().env("HOME", site.path());
    command.current_dir(site.path()).args(words);
    command
}

fn run(site: &Site, words: &[&str]) -> Run {
    Run::of(plain(site, words))
}

fn succeeded(run: Run) -> Run {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run
}

#[test]
fn help_names_every_flag_of_the_reference() {
    let help = succeeded(run(&Site::new(), &["restore", "--help"])).stdout;
    for (flag, _) in REFERENCE {
        assert!(help.contains(&format!("--{flag}")), "no --{flag}");
    }
    for (flag, short) in [("--data-dir", "-d, "), ("--help", "-h, ")] {
        assert!(help.contains(&format!("{short}{flag}")), "no {short}{flag}");
    }
}

/// A pod's arguments often spell every default out.
#[test]
fn every_flag_of_the_reference_takes_its_default() {
    let (site, _) = Site::with_history();
    for join in ["=", " "] {
        let mut words = vec![String::from("restore")];
        for (flag, default) in REFERENCE {
            match (flag, join) {
                ("store-container", _) => words.push("--store-container=store".into()),
                ("skip-hash-check", _) | (_, "=") => words.push(format!("--{flag}={default}")),
                _ => words.extend([format!("--{flag}"), default.into()]),
            }
        }
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let run = succeeded(run(&site, &words));
        assert!(site.path().join("default.etcd/member/snap/db").exists());
        fs::remove_dir_all(site.path().join("default.etcd")).unwrap();

        let notices: Vec<_> = run
            .stderr
            .lines()
            .filter(|l| l.contains("without effect"))
            .collect();
        let [notice] = notices[..] else {
            unreachable!("said {} times: {}", notices.len(), run.stderr);
        };
        for flag in INERT {
            let said = notice.matches(&format!("--{flag}")).count();
            assert_eq!(said, 1, "--{flag} in: {notice}");
        }
    }
}

#[test]
fn without_such_flags_nothing_is_said_of_them() {
    let (site, _) = Site::with_history();
    let run = succeeded(site.run("restore", &[]));
    assert!(!run.stderr.contains("without effect"), "{}", run.stderr);
}

/// It was ignored in silence; and then the reference's own default, nothing, was warned of.
#[test]
fn an_endpoint_of_a_directory_is_said_to_have_no_use() {
    let (site, _) = Site::with_history();
    for (endpoint, is_said) in [("http://127.0.0.1:1", true), ("", false)] {
        let flag = format!("--store-endpoint-override={endpoint}");
        let run = succeeded(site.run("list", &[&flag]));
        let said = run.stderr.contains("endpoint override is not used");
        assert_eq!(said, is_said, "{endpoint:?}: {}", run.stderr);
    }
}

/// Go's flags take booleans in these spellings (`strconv.ParseBool`).
#[test]
fn booleans_are_spelt_as_in_go() {
    let (site, _) = Site::with_history();
    let words = |flag: &str| site.run("restore", &["--dry-run", flag]).code;
    for spelling in [
        "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False",
    ] {
        let flag = format!("--skip-hash-check={spelling}");
        assert_eq!(words(&flag), Some(0), "{flag}");
    }
    assert_eq!(words("--skip-hash-check"), Some(0));
    for spelling in ["yes", "", "2", "tRUE"] {
        let flag = format!("--skip-hash-check={spelling}");
        assert_eq!(words(&flag), Some(1), "{flag}");
    }
}

/// Without `=`, a boolean takes no value: the next word is its own.
#[test]
fn a_boolean_does_not_take_the_next_word() {
    let (site, _) = Site::with_history();
    let run = site.run("restore", &["--dry-run", "--skip-hash-check", "false"]);
    run.failed_with(&["false"]);
}

#[test]
fn what_is_said_last_holds() {
    let (site, _) = Site::with_history();
    let elsewhere = site.path().join("out/other.etcd");
    let last = format!("--data-dir={}", elsewhere.display());
    let args = ["--name", "a", "--name", "default", &last];
    succeeded(site.run("restore", &args));
    assert!(elsewhere.join("member").exists() && !site.data_dir().exists());
}

#[test]
fn peer_urls_may_be_repeated_or_separated_by_commas() {
    let cluster = "--initial-cluster=m=http://a:1,m=http://b:2,n=http://c:3";
    let urls = "--initial-advertise-peer-urls";
    for peers in [
        vec![urls, "http://a:1", urls, "http://b:2"],
        vec![urls, "http://b:2,http://a:1"],
    ] {
        let (site, _) = Site::with_history();
        let report = site.restore(&[&["--name", "m", cluster], &peers[..]].concat());
        assert_eq!(report["member"]["name"], "m");
    }
}

#[test]
fn wrong_flags_exit_with_one_and_name_themselves() {
    let (site, _) = Site::with_history();
    for (words, said) in [
        (vec!["--no-such-flag"], "--no-such-flag"),
        (vec!["--name"], "--name"),
        (vec!["--max-fetchers", "0"], "--max-fetchers"),
        (vec!["--max-fetchers", "many"], "--max-fetchers"),
        (vec!["--to-revision", "0"], "--to-revision"),
        (vec!["--to-time", "yesterday"], "--to-time"),
        (vec!["--to-revision", "30", "--snapshot", "x"], "--snapshot"),
        (vec!["--compact", "--mark-compacted"], "--compact"),
        (vec!["--leases", "lose"], "--leases"),
        (vec!["--unknown-lease-ttl", "soon"], "--unknown-lease-ttl"),
        (vec!["--unknown-lease-ttl", "0s"], "--unknown-lease-ttl"),
        (vec!["--output", "xml"], "--output"),
        (vec!["stray"], "stray"),
        (vec!["--storage-provider", "s3"], "s3"),
        (vec!["--name", "nobody"], "nobody"),
        (vec!["--initial-cluster", "x"], "x"),
    ] {
        let run = site.run("restore", &words);
        run.failed_with(&[said]);
        site.left_nothing();
    }
    run(&site, &["no-such-command"]).failed_with(&["no-such-command"]);
}

#[test]
fn the_version_is_one_line() {
    for flag in ["-v", "--version"] {
        let run = succeeded(run(&Site::new(), &[flag]));
        assert_eq!(
            run.stdout.trim_end(),
            concat!("etcdbrctl ", env!("CARGO_PKG_VERSION"))
        );
    }
}

#[test]
fn no_command_prints_the_help() {
    let run = run(&Site::new(), &[]);
    assert!(format!("{}{}", run.stdout, run.stderr).contains("restore"));
}

/// In the order of the reference: the flag, then the variable; relative to the home directory.
#[test]
fn the_container_may_come_from_the_environment() {
    let (site, _) = Site::with_history();
    let mut command = plain(&site, &["list"]);
    command.env("STORAGE_CONTAINER", "store");
    assert!(succeeded(Run::of(command)).stdout.contains("3 snapshots"));
    let mut command = plain(&site, &["list", "--store-container", "store"]);
    command.env("STORAGE_CONTAINER", "elsewhere");
    assert!(succeeded(Run::of(command)).stdout.contains("3 snapshots"));
}

fn json(site: &Site, verb: &str, args: &[&str]) -> Value {
    let run = succeeded(site.run(verb, &[&["--output", "json"], args].concat()));
    serde_json::from_str(&run.stdout).unwrap()
}

fn fields(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// A field that is renamed or lost breaks somebody's script; one that is new is added here.
#[test]
fn json_has_the_fields_that_scripts_read() {
    let (site, _) = Site::with_history();
    let report = [
        "base",
        "deltas",
        "fetched_bytes",
        "base_revision",
        "revision",
        "compact_revision",
        "hash_kv",
        "events",
        "repeated_events",
        "leases",
        "database_bytes",
        "member",
        "hashes",
        "warnings",
    ];
    let restored = json(&site, "restore", &[]);
    for field in report {
        assert!(
            fields(&restored).contains(field),
            "no {field} in {restored}"
        );
    }
    let member = ["cluster_id", "data_dir", "member_id", "name"].into();
    assert_eq!(fields(&restored["member"]), member);
    let leases = ["kept", "recreated", "recreated_with_default"].into();
    assert_eq!(fields(&restored["leases"]), leases);
    fs::remove_dir_all(site.data_dir()).unwrap();

    let verified = json(&site, "verify", &[]);
    assert_eq!(fields(&verified), fields(&restored));
    for same in ["revision", "hash_kv", "compact_revision", "events"] {
        assert_eq!(verified[same], restored[same], "{same}");
    }

    let planned = json(&site, "restore", &["--dry-run"]);
    for field in ["data_dir", "base", "deltas", "bytes"] {
        assert!(fields(&planned).contains(field), "no {field} in {planned}");
    }
    assert_eq!(
        (&planned["dry_run"], &planned["revision"]),
        (&true.into(), &60.into())
    );
    site.left_nothing();

    let listed = json(&site, "list", &[]);
    for field in ["location", "chains", "ignored"] {
        assert!(fields(&listed).contains(field), "no {field} in {listed}");
    }
    let chain = &listed["chains"][0];
    assert_eq!(chain["from_revision"], 20);
    assert_eq!(chain["to_revision"], 60);
    assert_eq!(chain["gap"], Value::Null);
    let snapshot = &chain["full"];
    for field in [
        "name",
        "kind",
        "first_revision",
        "last_revision",
        "created",
        "bytes",
        "final",
    ] {
        assert!(fields(snapshot).contains(field), "no {field} in {snapshot}");
    }
}

/// What is asked for goes to standard output, what happens on the way to standard error.
#[test]
fn results_and_log_lines_do_not_mix() {
    let (site, _) = Site::with_history();
    for (verb, result) in [
        ("restore", "Restored"),
        ("verify", "Restorable to revision 60"),
        ("list", "3 snapshots"),
    ] {
        let run = succeeded(site.run(verb, &[]));
        assert!(run.stdout.contains(result), "{}", run.stdout);
        assert!(!run.stdout.contains("INFO") && !run.stdout.contains('\u{1b}'));
        assert!(
            !run.stderr.contains('\u{1b}'),
            "colours where there is no terminal"
        );
    }
}

#[test]
fn completions_are_printed_for_each_shell() {
    let site = Site::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = succeeded(run(&site, &["completion", shell])).stdout;
        for word in ["etcdbrctl", "restore", "data-dir", "to-revision"] {
            assert!(script.contains(word), "no {word} for {shell}");
        }
        if shell == "bash" {
            let file = site.path().join("completion.bash");
            fs::write(&file, script).unwrap();
            let parsed = Command::new("bash").arg("-n").arg(file).status().unwrap();
            assert!(parsed.success());
        }
    }
}

/// A restore whose reader had gone (`| head -1`, a log shipper that died) was published and then
/// reported as failed; a completion script died of a panic.
#[test]
fn nobody_listening_is_no_failure() {
    let (site, _) = Site::with_history();
    let unheard = |mut command: Command| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let run = Run::of({
            command.stdout(writer);
            command
        });
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    };
    unheard(site.command("restore", &[]));
    assert!(site.data_dir().join("member/snap/db").exists());
    unheard(site.command("list", &["--output", "json"]));
    unheard(plain(&site, &["completion", "bash"]));
}

/// A path is any bytes. Into one that is no Unicode the directory was restored, and then the report
/// could not be printed as JSON: exit code 1 for a restore that was done.
#[test]
fn a_data_directory_may_be_named_with_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let (site, _) = Site::with_history();
    let dir = site.path().join(std::ffi::OsStr::from_bytes(b"out-\xff"));
    let mut command = site.command("restore", &["--output", "json", "--data-dir"]);
    command.arg(&dir);
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(
        report["member"]["data_dir"]
            .as_str()
            .unwrap()
            .contains("out-")
    );
    assert!(dir.join("member/snap/db").exists());
}
