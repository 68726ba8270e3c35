//! Flags, as the reference spells them (docs/compatibility.md), and ours.

#[cfg(feature = "conformance")]
mod conformance;
mod connection;
mod inert;
mod initialize;
mod inspect;
mod logs;
mod not_yet;
mod restore;
mod store;
mod target;
mod verify;

use clap::{Arg, ArgAction, Args, Command, Parser, Subcommand, ValueEnum};

#[cfg(feature = "conformance")]
pub(crate) use conformance::ConformanceArgs;
pub(crate) use connection::Connection;
pub(crate) use inert::Inert;
pub(crate) use initialize::{InitializeArgs, ValidateArgs};
pub(crate) use inspect::{InspectArgs, Inspected};
pub(crate) use logs::{LogArgs, LogFormat};
pub(crate) use not_yet::NotYet;
pub(crate) use restore::RestoreArgs;
pub(crate) use store::StoreArgs;
pub(crate) use target::TargetArgs;
pub(crate) use verify::{ListArgs, ListFormat, VerifyArgs};

/// Backup and restore for etcd.
#[derive(Debug, Parser)]
#[command(name = "etcdbrctl", disable_version_flag = true, version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a data directory out of a backup, ready for etcd to start on
    Restore(Box<RestoreArgs>),
    /// Leave a data directory that can be trusted alone, and restore one that cannot
    Initialize(Box<InitializeArgs>),
    /// Say whether a data directory can be trusted; the exit code says it too
    Validate(ValidateArgs),
    /// Show what lies in the files of a member, and check it; nothing is written
    Inspect(InspectArgs),
    /// Show what a store holds: chains, recoverable revisions and times, gaps
    List(ListArgs),
    /// Read every object of a chain and prove that it restores; nothing is made
    Verify(VerifyArgs),
    /// Try a store: does it keep every promise that backups rely on?
    #[cfg(feature = "conformance")]
    Conformance(ConformanceArgs),
    /// Take backups (not yet)
    Snapshot(NotYet),
    /// Run beside an etcd, take backups and restore it (not yet)
    Server(NotYet),
    /// Copy backups from one store to another (not yet)
    Copy(NotYet),
    /// Make one full snapshot of a full and its deltas (not yet)
    Compact(NotYet),
    /// Print a completion script for a shell
    Completion {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: one JSON document on standard output
    Json,
}

/// The command line. `-v` alone is the version, as in the reference; after a command it is `--verbose`.
pub(crate) fn command() -> Command {
    use clap::CommandFactory;
    let version = Arg::new("version")
        .short('v')
        .visible_short_alias('V')
        .long("version")
        .action(ArgAction::Version)
        .help("Print the version");
    without_empty_variables(with_log(Cli::command()))
        .arg(version)
        .mut_subcommand("initialize", |initialize| {
            initialize.mut_arg("data_dir", |arg| {
                arg.help("Data directory that an etcd will start on: left alone, or restored")
            })
        })
        .arg_required_else_help(true)
        // As in the reference: what is said last holds, so that a script can add to its flags.
        .args_override_self(true)
        .max_term_width(100)
}

/// A variable that is set to nothing is not set: a template that has no value for it writes it so.
fn without_empty_variables(command: Command) -> Command {
    let is_empty = |arg: &Arg| {
        let variable = arg.get_env().and_then(std::env::var_os);
        variable.is_some_and(|value| value.is_empty())
    };
    command
        .mut_args(|arg| match is_empty(&arg) {
            true => arg.env(None::<&'static str>),
            false => arg,
        })
        .mut_subcommands(without_empty_variables)
}

/// The flags of the log, with each command that does something.
fn with_log(command: Command) -> Command {
    command.mut_subcommands(|command| match command.has_subcommands() {
        true => with_log(command),
        false => LogArgs::augment_args(command),
    })
}
