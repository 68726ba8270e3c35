#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are commands: they print"
)]

mod conformance;
pub(crate) mod emulators;
mod fuzz_history;
mod fuzz_replay;
mod oracles;
mod own_program;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test       bring what tests need, then run all tests; arguments go to `cargo test`
  conformance [--target NAME,...] [-- ARGUMENTS]: hold stores against the contract, on real servers;
             arguments go to the test program
  emulators  up|down|status [NAME ...]: start object stores, stop them, say what runs;
             what `up` prints sets the variables that tests find them by (--output json: all of it)
  oracles    bring the etcds that tests hold restored directories against
  fuzz-history [--runs N] [--seed S]: restore random histories and compare them
  fuzz-replay [--runs N] [--seed S] [--etcd VERSION] [--members 3]: kill etcds under load, replay
             their directories, and compare with the same etcds booted on them
  bench      restore [--runs N] [CORPUS ...]: measure restores against the limits of this machine;
             stores [--target NAME,...] [--size MIB] [--runs N]: transfers beside those of rclone;
             latency [--runs N]: a restore of 200 deltas from a store that is far away;
             initialize [--runs N]: judging data directories and mending them;
             sizes [FEATURE ...]: how large the program is with all providers, and with each alone";

/// Runs the command that `arguments` name.
pub(crate) fn run(arguments: Vec<String>) -> ExitCode {
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match command {
        "test" => test::run(rest),
        "oracles" => oracles::run(rest),
        "conformance" => conformance::run(rest),
        "emulators" => emulators::run(rest),
        "fuzz-history" => fuzz_history::run(rest),
        "fuzz-replay" => fuzz_replay::run(rest),
        "bench" => crate::bench::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(anyhow::anyhow!("there is no command {other:?}\n{USAGE}")),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
