//! A file for each command: what it runs, what it prints, and its JSON document, a `…View` beside it (that of `list` in
//! `list/view.rs`). The documents of `initialize` and of a finished restore are the engine's `Outcome` and `Report`.

mod as_of;
mod compact;
mod completion;
#[cfg(feature = "conformance")]
mod conformance;
mod copy;
mod defragment;
mod diff;
mod drill;
mod export;
mod extract;
mod gc;
mod get;
mod import;
mod initialize;
mod initialize_member;
mod inspect;
mod keep;
mod key_view;
mod levels;
mod lineage;
mod list;
mod man_pages;
mod origin_view;
mod recover_quorum;
mod restore;
mod server;
mod snapshot;
mod store_keys;
mod ui;
mod validate;
mod verify;

use clap::{ArgMatches, FromArgMatches};

use crate::args::{Cli, Verb};
use crate::error::Result;
use crate::exit_code::SUCCESS;

/// Runs the command that was asked for. One that only says something says it with its exit code too.
pub(crate) fn run(matches: &ArgMatches) -> Result<u8> {
    let cli = Cli::from_arg_matches(matches)?;
    let flags = matches.subcommand().map(|(_, flags)| flags);
    let format = cli.output;
    match cli.verb {
        Verb::Restore(args) => restore::run(&args, format, flags),
        Verb::Initialize(args) => initialize::run(&args, format, flags),
        Verb::Validate(args) => return validate::run(&args, format),
        Verb::RecoverQuorum(args) => recover_quorum::run(&args, format),
        Verb::Inspect(args) => return inspect::run(&args, format),
        Verb::Drill(args) => return drill::run(&args, format),
        Verb::Completion { shell } => completion::run(shell, format),
        Verb::ManPages { dir } => man_pages::run(&dir),
        Verb::Snapshot(args) => snapshot::run(&args, format, flags),
        Verb::Server(args) => server::run(&args, flags),
        Verb::Copy(args) => copy::run(&args, format, flags),
        Verb::Compact(args) => compact::run(&args, format, flags),
        Verb::List(args) => list::run(&args, format, flags),
        Verb::Ui(args) => ui::run(&args, format, flags),
        Verb::Verify(args) => verify::run(&args, format),
        Verb::Get(args) => get::run(&args, format),
        Verb::Export(args) => export::run(&args, format),
        Verb::Import(args) => import::run(&args, format),
        Verb::Diff(args) => return diff::run(&args, format),
        Verb::Extract(args) => extract::run(&args, format),
        Verb::Gc(args) => gc::run(&args, format),
        Verb::Keep(args) => keep::run(&args, format),
        Verb::Keys(args) => store_keys::run(&args, format),
        Verb::Defragment(args) => defragment::run(&args, format),
        #[cfg(feature = "conformance")]
        Verb::Conformance(args) => conformance::run(&args, format),
    }
    .map(|()| SUCCESS)
}
