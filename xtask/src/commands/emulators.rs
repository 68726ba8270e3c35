//! `cargo xtask emulators up|down|status [NAME ...]`: object stores to test against.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Subcommand, ValueEnum};
use testkit::emulators::{self, Emulator, Group, Installed, Running, Session};
use testkit::oracles::Brought;

use super::oracles::must_be_complete;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Start them; they stay until they are stopped. Prints the variables that tests find them by.
    Up {
        /// Only these; all if none is named.
        names: Vec<String>,
        #[arg(long, value_enum, default_value_t)]
        output: Output,
    },
    /// Stop them.
    Down {
        /// Only these; all if none is named.
        names: Vec<String>,
    },
    /// Say what runs.
    Status,
}

/// How `up` tells where the servers are.
#[derive(Clone, Copy, Default, ValueEnum)]
enum Output {
    /// For `eval`.
    #[default]
    Shell,
    Json,
}

/// Starts, stops or shows the servers that stay until they are stopped.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let group = Group::lasting()?;
    match &args.verb {
        Verb::Up { names, output } => return up(&group, names, *output),
        Verb::Down { names } => {
            let wanted = emulators::named(names)?;
            let wanted: Vec<_> = wanted.iter().map(|emulator| emulator.name).collect();
            for stopped in group.down(&wanted)? {
                println!("{}: stopped", stopped.name);
            }
        }
        Verb::Status => status(&group.members()?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Those that can be had are started, whatever is missing.
fn up(group: &Group, names: &[String], output: Output) -> Result<ExitCode> {
    let (there, missing) = bring(names)?;
    let running = group.up(&there)?;
    match output {
        Output::Shell => export(&running),
        Output::Json => println!("{}", serde_json::to_string_pretty(&running)?),
    }
    Ok(ExitCode::from(u8::from(!missing.is_empty())))
}

fn export(running: &[Running]) {
    for one in running {
        let known = emulators::EMULATORS.iter();
        let account = known
            .filter(|emulator| emulator.name == one.name)
            .map(|emulator| emulator.account);
        println!("# {}: {}", one.name, account.collect::<String>());
        println!("export {}={}", one.variable, one.url);
    }
    // Comments, since all of it is for `eval`.
    println!(
        "# The suite makes its bucket, {}. In a shell that has evaluated the lines above, try:",
        emulators::accounts::BUCKET
    );
    println!("#   cargo test -p conformance-tests --test conformance -- put");
    println!("# `cargo xtask emulators down` stops them.");
}

fn status(members: &[Running]) {
    if members.is_empty() {
        println!("none runs; `cargo xtask emulators up` starts them");
    }
    for one in members {
        let state = if one.is_alive() { "runs" } else { "ENDED" };
        println!(
            "{:16} {state:6} {:>8}  {}={}  {}",
            one.name,
            one.pid(),
            one.variable,
            one.url,
            one.log().display()
        );
    }
}

/// An emulator to start.
pub(crate) type There = (&'static Emulator, Installed);

/// Brings those named, or all. What each comes of goes to standard error: the output is for `eval`.
/// Returns those that are there, and the names of those that cannot be had.
pub(crate) fn bring(names: &[String]) -> Result<(Vec<There>, Vec<String>)> {
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for emulator in emulators::named(names)? {
        match emulators::bring(emulator) {
            Ok((brought, installed)) => {
                if brought == Brought::New {
                    eprintln!("{emulator}: brought");
                }
                there.push((emulator, installed));
            }
            Err(error) => {
                eprintln!("{emulator}: MISSING: {error:#}");
                missing.push(emulator.to_string());
            }
        }
    }
    Ok((there, missing))
}

/// Servers for one run of tests, and the names of those that could not be had. Under CI all must
/// be there.
pub(crate) fn session(targets: &[String]) -> Result<(Session, Vec<String>)> {
    let (there, missing) = bring(targets)?;
    ensure!(
        missing.is_empty() || !must_be_complete(),
        "under CI every emulator must be there: no {}",
        missing.join(", no ")
    );
    Ok((Session::start(&there)?, missing))
}

/// The targets that have all they need, as the suite wants them named: `gcs,s3,local,oss`.
pub(crate) fn complete_targets(session: &Session) -> String {
    let running = |name: &str| session.running().iter().any(|one| one.name == name);
    let mut targets: Vec<_> = emulators::EMULATORS.iter().map(|one| one.target).collect();
    targets.sort_unstable();
    targets.dedup();
    targets.retain(|target| {
        let mut needed = emulators::EMULATORS
            .iter()
            .filter(|one| one.target == *target);
        needed.all(|one| running(one.name))
    });
    // These need nothing that must be installed.
    targets.extend(["local", "oss"]);
    targets.join(",")
}
