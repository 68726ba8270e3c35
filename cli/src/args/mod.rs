//! Flags, as the reference spells them (docs/compatibility.md), and ours.

mod byte_size;
mod compact;
mod compression;
mod config_file;
#[cfg(test)]
mod config_file_mutated;
mod config_keys;
#[cfg(feature = "conformance")]
mod conformance;
mod connection;
mod copy;
mod defragment;
mod diff;
mod drill;
mod encryption;
mod etcd;
mod examples;
mod expanded;
mod export;
mod extract;
mod gc;
mod get;
mod import;
mod inert;
mod inert_of_compact;
mod inert_of_copy;
mod inert_of_server;
mod inert_of_snapshot;
mod initialize;
mod inspect;
mod keep;
mod keys;
mod leases;
mod log_first;
mod logs;
mod number;
mod provider_name;
mod recover_quorum;
mod replacing;
mod restore;
mod secondary;
mod server;
mod snapshot;
mod source;
mod state;
mod store;
mod store_keys;
mod taking;
mod target;
mod time;
mod ui;
mod verify;

use clap::{Arg, ArgAction, Args, Command, Parser, Subcommand, ValueEnum};

pub(crate) use compact::CompactArgs;
#[cfg(feature = "conformance")]
pub(crate) use conformance::ConformanceArgs;
pub(crate) use connection::Connection;
pub(crate) use copy::CopyArgs;
pub(crate) use defragment::{DefragmentArgs, DefragmentationArgs};
pub(crate) use diff::{DiffArgs, DiffFormat, Place};
pub(crate) use drill::DrillArgs;
pub(crate) use encryption::EncryptionArgs;
pub(crate) use etcd::{EtcdArgs, LoginArgs};
use examples::with_examples;
pub(crate) use expanded::expanded;
pub(crate) use export::ExportArgs;
pub(crate) use extract::ExtractArgs;
pub(crate) use gc::{GcArgs, RetentionArgs};
pub(crate) use get::{GetArgs, MEMORY, WriteOut};
pub(crate) use import::ImportArgs;
pub(crate) use inert::Inert;
pub(crate) use inert_of_compact::InertOfCompact;
pub(crate) use inert_of_copy::InertOfCopy;
pub(crate) use inert_of_server::InertOfServer;
pub(crate) use inert_of_snapshot::InertOfSnapshot;
pub(crate) use initialize::{InitializeArgs, ValidateArgs};
pub(crate) use inspect::{InspectArgs, Inspected};
pub(crate) use keep::KeepArgs;
pub(crate) use keys::KeysArgs;
#[cfg(feature = "kubernetes")]
pub(crate) use leases::SnapshotLeaseArgs;
#[cfg(not(feature = "kubernetes"))]
pub(crate) use leases::not_built_in;
pub(crate) use log_first::log_flags_last;
pub(crate) use logs::{LogArgs, LogFormat};
pub(crate) use recover_quorum::RecoverQuorumArgs;
pub(crate) use restore::RestoreArgs;
pub(crate) use server::{PeersChoice, ServerArgs, is_default};
pub(crate) use snapshot::SnapshotArgs;
pub(crate) use state::StateWord;
pub(crate) use store::StoreArgs;
pub(crate) use store_keys::{CheckKeysArgs, KeysVerb, ListKeysArgs, RotateArgs, StoreKeysArgs};
pub(crate) use taking::TakingArgs;
pub(crate) use target::{LineageArgs, TargetArgs};
pub(crate) use ui::UiArgs;
pub(crate) use verify::{ListArgs, VerifyArgs};

/// Backup and restore for etcd
#[derive(Debug, Parser)]
#[command(name = "etcdbrctl", disable_version_flag = true, version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Format of the result on standard output
    #[arg(long, short, value_enum, default_value_t, global = true)]
    pub(crate) output: Format,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Restore a backup into a new etcd data directory
    Restore(Box<RestoreArgs>),
    /// Validate the data directory, and restore it from backup if needed
    Initialize(Box<InitializeArgs>),
    /// Validate a data directory; the exit code is the verdict
    Validate(ValidateArgs),
    /// Recover a cluster that lost its quorum for good: one member goes on alone
    RecoverQuorum(Box<RecoverQuorumArgs>),
    /// Inspect a member's WAL, raft snapshots or database (read-only)
    Inspect(InspectArgs),
    /// Take full and delta snapshots of an etcd, until stopped or once
    Snapshot(Box<SnapshotArgs>),
    /// List backups: chains, recoverable revisions and times, gaps
    List(ListArgs),
    /// Show the same as a page: what can be restored, and what is wrong
    Ui(UiArgs),
    /// Read keys out of backups, at any revision, without a restore
    Get(Box<GetArgs>),
    /// Write a state of the backups as a plain snapshot, as etcdctl saves it
    Export(Box<ExportArgs>),
    /// Make a plain snapshot of etcdctl, k3s, Talos, ... a full of a store
    Import(Box<ImportArgs>),
    /// Compare two states: of backups, a snapshot file, an etcd that runs
    Diff(Box<DiffArgs>),
    /// Put keys that are gone or changed back into an etcd that runs
    Extract(Box<ExtractArgs>),
    /// Verify that a backup restores: read all of it, write nothing
    Verify(Box<VerifyArgs>),
    /// Rehearse a restore: restore, start an etcd on it, compare, report
    Drill(Box<DrillArgs>),
    /// Compact the newest full and its deltas into one new full
    Compact(Box<CompactArgs>),
    /// Copy backups from one store to another
    Copy(Box<CopyArgs>),
    /// Collect garbage: delete what no retention rule needs
    Gc(GcArgs),
    /// List, check and rotate the keys of encrypted backups
    Keys(StoreKeysArgs),
    /// Mark a snapshot so that no collection deletes it
    Keep(KeepArgs),
    /// Defragment the members of an etcd cluster one by one, the leader last
    Defragment(DefragmentArgs),
    /// Test a store against the contract that backups rely on
    #[cfg(feature = "conformance")]
    Conformance(ConformanceArgs),
    /// Run as a sidecar of etcd: restore it if needed, then back it up
    Server(Box<ServerArgs>),
    /// Print a completion script for a shell
    Completion {
        /// Shell to complete in
        shell: clap_complete::Shell,
    },
    /// Write a man page for each command, for who packs the program
    #[command(hide = true)]
    ManPages {
        /// Directory that gets them; it must be there
        #[arg(long, value_name = "DIR")]
        dir: std::path::PathBuf,
    },
}

/// Format of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// The same in lines that are not broken, with more columns where a command has more
    Wide,
    /// One JSON document, for programs
    Json,
}

/// The command line. `-v` alone is the version, as in the reference; with a command it is `--verbose`.
pub(crate) fn command() -> Command {
    use clap::CommandFactory;
    let version = Arg::new("version")
        .short('v')
        .visible_short_alias('V')
        .long("version")
        .action(ArgAction::Version)
        .help("Print the version");
    let command = with_short_help(with_log(with_examples(Cli::command())));
    with_negative_values(without_empty_variables(command))
        .arg(version)
        .mut_subcommand("server", server::with_own_defaults)
        .mut_subcommand("get", get::with_own_names)
        .mut_subcommand("export", get::with_own_names)
        .mut_subcommand("extract", |extract| with_own_rights(get::with_own_names(extract)))
        .mut_subcommand("diff", with_own_rights)
        .mut_subcommand("initialize", |initialize| {
            initialize.mut_arg("data_dir", |arg| {
                arg.help("Data directory that etcd will start on: left as it is, or restored")
            })
        })
        .mut_subcommand("compact", |compact| {
            compact.mut_arg("skip_hash_check", |arg| {
                arg.help("Without effect: the new full has a hash of its own, and what was damaged would pass for whole")
            })
        })
        .mut_subcommand("copy", |copy| {
            // Of its two stores the flags without a prefix name the one that is written.
            copy.mut_args(|arg| match arg.get_help_heading() {
                Some("Store") => arg.help_heading("Destination"),
                _ => arg,
            })
        })
        .arg_required_else_help(true)
        // As in the reference: what is said last holds, so that a script can add to its flags.
        .args_override_self(true)
        .max_term_width(80)
}

/// A command that reads and writes keys asks for nothing else of etcd.
fn with_own_rights(command: Command) -> Command {
    command.mut_arg("etcd_username", |arg| {
        arg.help("User of etcd; it needs the right to these keys")
    })
}

/// A variable that is set to nothing is not set: a template that has no value for it writes it so.
fn without_empty_variables(command: Command) -> Command {
    let is_empty = |arg: &Arg| {
        let variable = arg.get_env().and_then(std::env::var_os);
        variable.is_some_and(|value| value.is_empty())
    };
    // Nothing would be encrypted, and nobody would hear of it: that one is refused.
    let may_be = |arg: &Arg| arg.get_id() != "encrypt_recipients";
    command
        .mut_args(|arg| match is_empty(&arg) && may_be(&arg) {
            true => arg.env(None::<&'static str>),
            false => arg,
        })
        .mut_subcommands(without_empty_variables)
}

/// What is below zero is a value of a number or a duration, and refused as such; it is no flag that nobody knows.
fn with_negative_values(command: Command) -> Command {
    let takes = |arg: &Arg, names: &[&str]| {
        let value = arg.get_value_names().and_then(<[_]>::first);
        value.is_some_and(|value| names.contains(&value.as_str()))
    };
    command
        .mut_args(|arg| {
            if takes(&arg, &["DURATION"]) {
                arg.allow_hyphen_values(true)
            } else if takes(&arg, &["N", "REVISION", "BYTES"]) {
                arg.allow_negative_numbers(true)
            } else {
                arg
            }
        })
        .mut_subcommands(with_negative_values)
}

/// Flags that have no effect are in the long help only.
fn with_short_help(command: Command) -> Command {
    let is_inert = |arg: &Arg| {
        arg.get_help_heading()
            .is_some_and(|heading| heading.contains("without effect"))
    };
    command
        .mut_args(|arg| match is_inert(&arg) {
            true => arg.hide_short_help(true),
            false => arg,
        })
        .mut_subcommands(with_short_help)
}

/// The flags of the log, with each command that does something.
fn with_log(command: Command) -> Command {
    command.mut_subcommands(|command| match command.has_subcommands() {
        true => with_log(command),
        false => LogArgs::augment_args(command),
    })
}
