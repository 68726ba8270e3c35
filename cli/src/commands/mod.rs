mod completion;
#[cfg(feature = "conformance")]
mod conformance;
mod initialize;
mod inspect;
mod list;
mod not_yet;
mod restore;
mod store_view;
mod validate;
mod verify;

use clap::{ArgMatches, FromArgMatches};

use crate::SUCCESS;
use crate::args::{Cli, Verb};
use crate::error::{Error, Result};
use crate::screen::escaped_json;

/// Runs the command that was asked for. One that only says something says it with its exit code too.
pub(crate) fn run(matches: &ArgMatches) -> Result<u8> {
    let cli = Cli::from_arg_matches(matches)?;
    let flags = matches.subcommand().map(|(_, flags)| flags);
    let format = cli.output;
    match cli.verb {
        Verb::Restore(args) => restore::run(&args, format, flags),
        Verb::Initialize(args) => initialize::run(&args, format, flags),
        Verb::Validate(args) => return validate::run(&args, format),
        Verb::Inspect(args) => return inspect::run(&args, format),
        Verb::Completion { shell } => completion::run(shell),
        Verb::Snapshot(_) => not_yet::run("snapshot"),
        Verb::Server(_) => not_yet::run("server"),
        Verb::Copy(_) => not_yet::run("copy"),
        Verb::Compact(_) => not_yet::run("compact"),
        Verb::List(args) => list::run(&args, format, flags),
        Verb::Verify(args) => verify::run(&args, format),
        #[cfg(feature = "conformance")]
        Verb::Conformance(args) => conformance::run(&args, format),
    }
    .map(|()| SUCCESS)
}

/// One JSON document on standard output.
fn print_json(document: &impl serde::Serialize) -> Result<()> {
    use std::io::Write;
    let text = serde_json::to_string_pretty(document)
        .map_err(|error| Error::new(format!("cannot print the result: {error}")))?;
    said(writeln!(std::io::stdout(), "{}", escaped_json(&text)))
}

/// What came of printing a result. Nobody listening any more (`| head -1`) is no failure: what was
/// asked for was done.
fn said(printed: std::io::Result<()>) -> Result<()> {
    match printed {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::new(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}
