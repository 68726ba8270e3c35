//! What is said of flags and words that cannot be taken.

mod support;

use std::process::Command;

use support::Site;

/// "invalid digit found in string" was said of a number, and "unexpected argument '-5' found" of one below zero.
#[test]
fn a_number_that_is_none_is_told_what_one_is() {
    let (site, _) = Site::with_history();
    for (verb, flag) in [
        ("restore", "--to-revision"),
        ("restore", "--bump-revision"),
        ("restore", "--max-fetchers"),
        ("list", "--last"),
        ("gc", "--max-backups"),
        ("gc", "--keep-daily"),
        // "5 is not in 5242880..18446744073709551615".
        ("snapshot", "--min-chunk-size"),
        ("snapshot", "--max-parallel-chunk-uploads"),
    ] {
        for value in ["abc", "-5"] {
            site.run(verb, &[flag, value])
                .failed_with(&[flag, value, "whole number"]);
        }
    }
    for (verb, flag) in [("gc", "--keep-within"), ("restore", "--timeout")] {
        site.run(verb, &[flag, "-1d"]).failed_with(&[flag, "7d"]);
    }
}

/// `list DIR` takes a place as a word; `verify DIR` said "unexpected argument", and not by which flag it is named.
#[test]
fn a_place_that_needs_a_flag_is_told_which() {
    let (site, _) = Site::with_history();
    for verb in ["verify", "restore", "gc", "validate", "initialize"] {
        site.run(verb, &["good"])
            .failed_with(&["'good'", "--store-container", "--data-dir"]);
    }
    let unknown = site.run("verify", &["--no-such"]);
    unknown.failed_with(&["--no-such"]);
    assert!(!unknown.stderr.contains("--data-dir"), "{}", unknown.stderr);
}

/// What restic and etcdctl call it was answered with a flag that is spelt alike, or with nothing.
#[test]
fn the_names_of_others_are_told_what_they_are_here() {
    let (site, _) = Site::with_history();
    for (verb, flag, here) in [
        ("restore", "--time=2027-01-01", "--to-time"),
        ("restore", "--revision=5", "--to-revision"),
        ("gc", "--keep-last=5", "--max-backups"),
        ("list", "--bucket=b", "--store-container"),
        (
            "snapshot",
            "--endpoint=http://127.0.0.1:2379",
            "--endpoints",
        ),
    ] {
        let told = format!("here it is called {here}");
        site.run(verb, &[flag]).failed_with(&[&told]);
    }
    let version = site.run("version", &[]);
    version.failed_with(&["etcdbrctl --version"]);
    // A command that has no such flag is not told of one.
    let without = site.run("completion", &["bash", "--time=1"]);
    assert!(!without.stderr.contains("--to-time"), "{}", without.stderr);
}

/// "breaks 11 of 12 promises" was said of a directory that this user may not write.
#[test]
fn a_store_that_may_not_be_written_breaks_no_promise() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let site = Site::new();
    let bucket = site.path().join("bucket");
    std::fs::create_dir(&bucket).unwrap();
    for (path, mode) in [(site.path(), 0o755), (bucket.as_path(), 0o555)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // Nobody else can reach the place where the program was built. Copied by another process: see `destination.rs`.
    let program = site.path().join("etcdbrctl");
    let mut copied = Command::new("cp");
    copied.arg(env!("CARGO_BIN_EXE_etcdbrctl")).arg(&program);
    assert!(copied.status().unwrap().success());
    let mut command = Command::new(program);
    command
        .env_clear()
        .args(["conformance", "--store-container"])
        .arg(&bucket);
    if rustix::process::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    let run = support::Run::of(command);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    for word in ["nothing was tried", "ermission denied"] {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    assert!(!run.stdout.contains("BROKEN"), "{}", run.stdout);
}

/// "cannot open the S3 store: open: invalid configuration", and "from my.db and 0 deltas, events 0 applied".
#[test]
fn nothing_is_said_twice_or_of_nothing() {
    let (site, history) = Site::with_history();
    let mut command = site.command("list", &["--storage-provider", "S3"]);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    let refused = support::Run::of(command);
    refused.failed_with(&["cannot open the S3 store: "]);
    assert!(!refused.stderr.contains(": open:"), "{}", refused.stderr);

    let full = Site::new();
    full.put_full(&history, 20);
    for verb in ["verify", "restore"] {
        let run = full.run(verb, &[]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        for nothing in ["0 deltas", "events ", "at -1"] {
            assert!(!run.stdout.contains(nothing), "{}", run.stdout);
        }
        assert!(site.run(verb, &[]).stdout.contains(" and 2 deltas"));
    }
}

/// `completion bash -o json` printed the script.
#[test]
fn a_script_is_no_json() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .env_clear()
        .args(["completion", "bash", "-o", "json"]);
    support::Run::of(command).failed_with(&["script", "--output"]);
}

/// `completion tcsh` said which shells there are, and not what whoever has another can do; and `--home`, which no help
/// has, was among what a shell offered.
#[test]
fn a_shell_completes_what_the_help_has() {
    let completion = |shell: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().args(["completion", shell]);
        support::Run::of(command)
    };
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = completion(shell).stdout;
        assert!(script.contains("store-container"), "{shell}");
        assert!(!script.contains("--home"), "{shell}");
    }
    for shell in ["tcsh", "csh"] {
        let refused = completion(shell);
        let line = "complete etcdbrctl 'p/1/(";
        refused.failed_with(&["invalid value", "~/.cshrc", line, " restore "]);
        assert!(!refused.stderr.contains("similar"), "{}", refused.stderr);
    }
    let unknown = completion("nosh");
    unknown.failed_with(&["invalid value 'nosh'"]);
    assert!(!unknown.stderr.contains("cshrc"), "{}", unknown.stderr);
}
