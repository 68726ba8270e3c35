//! `cargo xtask test`: all tests of the project, with what they need brought first.

mod at_once;
mod failed;
mod programs;

use std::process::ExitCode;

use anyhow::{Result, ensure};

use super::emulators::{complete_targets, session};
use super::oracles::{bring_all, must_be_complete};
use at_once::{Round, run_all};
use programs::Program;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Test programs that run at one time. Two cores are busy with three of them
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    at_once: u8,
    /// Run everything so many times in a row, to find a test that fails once in a while
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Run only programs whose names begin so (`cli/`, `conformance-tests/tests/lies`); all are built
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// For `cargo test`, after `--`: `-- -p etcdbrctl`, `-- --test server`.
    #[arg(last = true)]
    selection: Vec<String>,
}

/// Brings the oracles, starts the emulators, runs every test of the workspace, and stops the
/// emulators.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let missing = bring_all()?;
    ensure!(
        missing.is_empty() || !must_be_complete(),
        "under CI every oracle must be there: no {}",
        missing.join(", no ")
    );
    let mut programs = programs::build(&args.selection)?;
    let begins = |program: &Program| args.only.iter().any(|only| program.name.starts_with(only));
    programs.retain(|program| args.only.is_empty() || begins(program));
    ensure!(!programs.is_empty(), "nothing to test was selected");
    let mut failed = Vec::new();
    let mut no_emulators = Vec::new();
    for number in 1..=args.rounds {
        if args.rounds > 1 {
            println!("round {number} of {}", args.rounds);
        }
        let (session, without) = session(&[])?;
        no_emulators = without;
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut variables: Vec<_> = session.variables().map(owned).collect();
        variables.push(("REQUIRE_TARGETS".into(), complete_targets(&session)));
        // The servers go with the session.
        variables.push(("CONFORMANCE_LEAVE".into(), "1".into()));
        let round = Round {
            at_once: args.at_once,
            variables,
        };
        failed.extend(run_all(&programs, &round)?);
    }
    if !missing.is_empty() {
        println!(
            "INCOMPLETE: restores were not checked with {}",
            missing.join(", ")
        );
    }
    if !no_emulators.is_empty() {
        println!(
            "INCOMPLETE: no store was tried on {}",
            no_emulators.join(", ")
        );
    }
    for one in &failed {
        println!("{one}");
    }
    let names: Vec<_> = failed.iter().map(|one| one.name.as_str()).collect();
    ensure!(names.is_empty(), "tests failed: {}", names.join(", "));
    Ok(ExitCode::SUCCESS)
}
