//! What is said of flags and words that cannot be taken.

mod support;

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
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
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
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
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
