//! Every command line that the chart renders is one that the program takes.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::rendered::{arguments, objects, of_the_program, pods};
use crate::settings;
use crate::support::Run;

/// The files that are mounted in a pod, here: what is in them is not read before the store is opened.
fn with_files(arguments: Vec<String>, room: &Path) -> Vec<String> {
    let mounted = room.display().to_string();
    let here = |argument: String| {
        let argument = argument.replace("=/var/", &format!("={mounted}/var/"));
        argument.replace("=/pki/", &format!("={mounted}/pki/"))
    };
    let arguments: Vec<String> = arguments.into_iter().map(here).collect();
    for (flag, path) in arguments.iter().filter_map(|one| one.split_once('=')) {
        let path = Path::new(path);
        if path.starts_with(room) && flag != "--data-dir" {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content(flag)).unwrap();
        }
    }
    arguments
}

/// Keys are read before anything is done.
fn content(flag: &str) -> &'static str {
    match flag {
        // Of the examples of age (its README).
        "--encrypt-recipients" => {
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n"
        }
        // Of the documentation of age.
        "--identity" => {
            "AGE-SECRET-KEY-184JMZMVQH3E6U0PSL869004Y3U2NYV7R30EU99CSEDNPH02YUVFSZW44VU\n"
        }
        _ => "hush",
    }
}

/// What comes after all flags were understood: the name of the store counts where it stands last.
const NO_STORE: &str = "no storage provider";

fn run(arguments: &[String], last: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
    command.env_clear().args(arguments).args(last);
    Run::of(command)
}

/// A flag that the program does not know, or a value that it does not take, ends the sidecar of every pod.
#[test]
fn each_is_understood() {
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for (called, values) in settings::all() {
        for pod in pods(&objects(&values)) {
            for container in of_the_program(&pod) {
                let room = tempfile::tempdir().unwrap();
                let arguments = with_files(arguments(container), room.path());
                let run = run(&arguments, &["--storage-provider=Nope"]);
                assert_eq!(run.code, Some(1), "{called}: {}", run.stderr);
                assert!(
                    run.stderr.contains(NO_STORE),
                    "{called}: {arguments:?}: {}",
                    run.stderr
                );
                *kinds.entry(arguments[0].clone()).or_default() += 1;
            }
        }
    }
    let commands: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(commands, ["gc", "server", "snapshot"]);
    assert!(kinds["server"] > 10, "{kinds:?}");
}

/// That the test above finds a flag which is not there.
#[test]
fn a_flag_that_is_not_there_is_not_understood() {
    let values = serde_json::json!({"backup": {"extraArgs": ["--no-such-flag=1"]}});
    let pod: Value = pods(&objects(&values)).remove(0);
    let arguments = arguments(of_the_program(&pod)[0]);
    let run = run(&arguments, &["--storage-provider=Nope"]);
    assert!(!run.stderr.contains(NO_STORE), "{}", run.stderr);
    assert!(run.stderr.contains("--no-such-flag"), "{}", run.stderr);
}

/// Flags without an effect are said in a warning at each start.
#[test]
fn none_is_without_effect() {
    for (called, values) in settings::all() {
        for pod in pods(&objects(&values)) {
            for container in of_the_program(&pod) {
                for flag in arguments(container) {
                    for inert in [
                        "--snapstore-temp-directory",
                        "--restoration-temp-snapshots-dir",
                        "--embedded-etcd-quota-bytes",
                        "--auto-compaction",
                    ] {
                        assert!(!flag.starts_with(inert), "{called}: {flag}");
                    }
                }
            }
        }
    }
}
