#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are commands: they print"
)]

mod conformance;
mod deny;
mod dist;
pub(crate) mod emulators;
mod fuzz_history;
mod fuzz_replay;
mod oracles;
mod own_program;
mod plugins;
mod simulate;
mod soak;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own tasks: what tests need, longer trials, measurements.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring what tests need, then run all tests.
    Test(test::Args),
    /// Hold stores against the contract, on real servers.
    Conformance(conformance::Args),
    /// Start object stores, stop them, say what runs.
    Emulators(emulators::Args),
    /// Bring the etcds that tests hold restored directories against.
    Oracles,
    /// Lint and test the plugins, which are outside of the workspace.
    Plugins(plugins::Args),
    /// Check licences, bans, sources and advisories of all dependencies with cargo-deny.
    Deny,
    /// Build what is published: a static program, an image, a Debian package, man pages.
    Dist(dist::Args),
    /// Restore random histories and compare them with the etcd that had them.
    FuzzHistory(fuzz_history::Args),
    /// Kill etcds under load, replay their directories, and compare with the same etcds booted on them.
    FuzzReplay(fuzz_replay::Args),
    /// Take backups of a simulated etcd that fails in every way, from many seeds.
    Simulate(simulate::Args),
    /// Strike members and their sidecars under load again and again, and look for what is lost.
    Soak(soak::Args),
    /// Measure how fast and how large, beside a limit of this machine or a peer.
    Bench(crate::bench::Args),
}

/// Runs the command that the arguments of the process name. Help, and flags that are wrong, end the
/// process.
pub(crate) fn run() -> ExitCode {
    let done = match Xtask::parse().command {
        Command::Test(args) => test::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Emulators(args) => emulators::run(&args),
        Command::Oracles => oracles::run(),
        Command::Plugins(args) => plugins::run(&args),
        Command::Deny => deny::run(),
        Command::Dist(args) => dist::run(&args),
        Command::FuzzHistory(args) => fuzz_history::run(&args),
        Command::FuzzReplay(args) => fuzz_replay::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Soak(args) => soak::run(&args),
        Command::Bench(args) => crate::bench::run(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags were read by hand in nine places, and `emulators --help` said that they do not "--help".
    #[test]
    fn every_command_has_a_help_of_its_own() {
        use clap::CommandFactory;
        let mut xtask = Xtask::command();
        xtask.build();
        xtask.clone().debug_assert();
        for command in xtask
            .get_subcommands()
            .filter(|one| one.get_name() != "help")
        {
            let help = command.clone().render_help().to_string();
            assert!(command.get_about().is_some(), "{help}");
        }
        for wrong in [
            &["test", "--bogus"][..],
            &["fuzz-history", "--runs", "many"],
            &["fuzz-replay", "--etcd", "1.0.0"],
            &["fuzz-replay", "--members", "2"],
            &["soak", "--minutes", "0"],
            &["soak", "--members", "2"],
            &["bench", "restore", "--runs", "0"],
            &["bench", "restore", "no-corpus"],
            &["bench", "stores", "--target", "floppy"],
            &["emulators", "sideways"],
        ] {
            let all = ["cargo xtask"].iter().chain(wrong);
            assert!(Xtask::try_parse_from(all).is_err(), "{wrong:?}");
        }
    }
}
