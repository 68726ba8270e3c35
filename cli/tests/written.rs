//! The command line as people write it: where a flag may stand, which variable stands for it, how times and
//! durations are spelt.

mod support;

use std::process::Command;

use support::{Run, Site};

fn plain(site: &Site, words: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().env("HOME", site.path());
    command.envs(variables.iter().copied());
    command.current_dir(site.path()).args(words);
    Run::of(command)
}

/// `-o` was known to each command and to none before it: `etcdbrctl -o json list`, as kubectl has it, was
/// refused.
#[test]
fn the_format_is_said_before_or_after_the_command() {
    let (site, _) = Site::with_history();
    for words in [
        ["-o", "json", "list", "store"],
        ["list", "-o", "json", "store"],
        ["list", "store", "-o", "json"],
        ["--output", "json", "list", "store"],
    ] {
        let run = plain(&site, &words, &[]);
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.stderr);
        assert!(run.stdout.starts_with('{'), "{words:?}: {}", run.stdout);
    }
}

/// Only the container had one: a pod that names its store by variables could not name the provider.
#[test]
fn every_flag_of_the_store_has_a_variable() {
    let (site, _) = Site::with_history();
    let container = ("STORAGE_CONTAINER", "store");
    let ok = |variables: &[(&str, &str)]| {
        let run = plain(&site, &["list"], variables);
        assert_eq!(run.code, Some(0), "{variables:?}: {}", run.stderr);
        run
    };
    let refused = |variable, value, why: &str| {
        plain(&site, &["list"], &[container, (variable, value)]).failed_with(&[why]);
    };
    assert!(ok(&[container]).stdout.contains("3 snapshots"));
    ok(&[container, ("STORAGE_PROVIDER", "Local")]);
    refused("STORAGE_PROVIDER", "Nowhere", "Nowhere");
    refused("STORAGE_PREFIX", "elsewhere", "elsewhere");
    refused("STORAGE_ADDRESSING_STYLE", "round", "round");
    refused("ETCDBRCTL_PLUGIN", "/nowhere/lib.so", "/nowhere/lib.so");
    refused("ETCDBRCTL_TIMEOUT", "soon", "soon");
    let endpoint = ("STORAGE_ENDPOINT_OVERRIDE", "http://127.0.0.1:1");
    let run = ok(&[container, endpoint]);
    assert!(
        run.stderr.contains("endpoint override is not used"),
        "{}",
        run.stderr
    );
    // A flag goes before its variable.
    let words = ["list", "--storage-provider", "Local"];
    let run = plain(&site, &words, &[container, ("STORAGE_PROVIDER", "Nowhere")]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn the_help_names_the_variables() {
    let help = plain(&Site::new(), &["list", "--help"], &[]).stdout;
    for variable in [
        "STORAGE_PROVIDER",
        "STORAGE_CONTAINER",
        "STORAGE_PREFIX",
        "STORAGE_ENDPOINT_OVERRIDE",
        "STORAGE_ADDRESSING_STYLE",
        "ETCDBRCTL_PLUGIN",
        "ETCDBRCTL_PLUGIN_DIR",
        "ETCDBRCTL_TIMEOUT",
        "ETCDBRCTL_LOG_LEVEL",
    ] {
        assert!(help.contains(&format!("[env: {variable}=]")), "{variable}");
    }
}

#[test]
fn durations_have_days_and_errors_have_an_example() {
    let (site, _) = Site::with_history();
    for ttl in ["7d", "36h", "1d12h"] {
        let run = site.run("restore", &["--dry-run", "--unknown-lease-ttl", ttl]);
        assert_eq!(run.code, Some(0), "{ttl}: {}", run.stderr);
    }
    for (flag, value) in [
        ("--unknown-lease-ttl", "soon"),
        ("--unknown-lease-ttl", "5"),
        ("--timeout", "-1s"),
        ("--timeout", "0"),
    ] {
        site.run("restore", &[flag, value])
            .failed_with(&[flag, "1h30m or 7d"]);
    }
    site.run("initialize", &["--lock-timeout", "-1s"])
        .failed_with(&["--lock-timeout", "negative"]);
}

#[test]
fn a_time_without_an_offset_is_shown_with_one() {
    let (site, _) = Site::with_history();
    let said = ["no offset from UTC", "2026-11-22T09:13:06Z"];
    site.run("restore", &["--to-time", "2026-11-22T09:13:06"])
        .failed_with(&said);
    site.run("list", &["--since", "2026-11-22T09:13:06"])
        .failed_with(&said);
}

#[test]
fn providers_are_completed() {
    let script = plain(&Site::new(), &["completion", "bash"], &[]).stdout;
    assert!(
        script.contains("Local S3 ECS OCS GCS ABS Swift OSS"),
        "{script}"
    );
}
