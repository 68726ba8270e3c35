//! What could have been meant by words that the command line does not know.

use std::collections::BTreeSet;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args;

/// The error, with what could have been meant.
pub(crate) fn with_tip(mut error: clap::Error) -> clap::Error {
    if let Some(tip) = tip(&error) {
        let tip = ContextValue::StyledStrs(vec![tip.into()]);
        // What is spelt alike is not what was meant.
        error.remove(ContextKind::SuggestedValue);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

fn tip(error: &clap::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::UnknownArgument => other_name(error).or_else(|| place_by_flag(error)),
        ErrorKind::InvalidSubcommand => version(error).or_else(|| inspected_path(error)),
        ErrorKind::InvalidValue => completion_of_csh(error),
        _ => None,
    }
}

/// What others call what is here, too: restic's `--keep-last`, and what a time is called where there is one alone.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("--time", "--to-time"),
    ("--revision", "--to-revision"),
    ("--keep-last", "--max-backups"),
    ("--endpoint", "--endpoints"),
    ("--bucket", "--store-container"),
];

fn other_name(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let given = given.split('=').next().unwrap_or(given);
    let (_, here) = OTHER_NAMES.iter().find(|(other, _)| *other == given)?;
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => return None,
    };
    let verb = usage
        .split_whitespace()
        .skip_while(|word| *word != "etcdbrctl")
        .nth(1)?;
    let command = args::command();
    let verb = command.find_subcommand(verb)?;
    let mut flags = verb.get_arguments().filter_map(clap::Arg::get_long);
    flags
        .any(|flag| here.strip_prefix("--") == Some(flag))
        .then(|| format!("here it is called {here}"))
}

/// Many programs have a command for it.
fn version(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(given)) if given == "version" => {
            Some("`etcdbrctl --version` prints it".to_owned())
        }
        _ => None,
    }
}

/// Some commands take a place as a word, and others by a flag: which one, nobody told.
fn place_by_flag(error: &clap::Error) -> Option<String> {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let tip = match ["validate", "initialize"]
        .iter()
        .any(|verb| usage.contains(verb))
    {
        true => "a data directory is named by --data-dir, and a store by --store-container",
        false => {
            "a store is named by --store-container, a data directory by --data-dir, and a database in a file by \
             --from-file"
        }
    };
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(given)) if !given.starts_with('-') => Some(tip.to_owned()),
        _ => None,
    }
}

/// `inspect` takes first what is to be read, and then where it is.
fn inspected_path(error: &clap::Error) -> Option<String> {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => return None,
    };
    let given = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(given)) => given,
        _ => return None,
    };
    usage.contains("etcdbrctl inspect").then(|| {
        format!(
            "say first what to read: `etcdbrctl inspect db {given}` reads a database (member/snap/db of a data \
             directory), `inspect wal` its write-ahead log, and `inspect snap` its raft snapshots"
        )
    })
}

/// There is no script for tcsh, whose own `complete` takes the commands at least.
fn completion_of_csh(error: &clap::Error) -> Option<String> {
    let is_csh = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(given)) => matches!(given.as_str(), "csh" | "tcsh"),
        _ => false,
    };
    let is_shell = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(arg)) => arg == "<SHELL>",
        _ => false,
    };
    let command = args::command();
    let names = command.get_subcommands().map(clap::Command::get_name);
    let names: BTreeSet<_> = names.collect();
    (is_csh && is_shell).then(|| {
        format!(
            "there is no script for this shell; this line in ~/.cshrc completes the commands: complete etcdbrctl \
             'p/1/({})/'",
            names.into_iter().collect::<Vec<_>>().join(" ")
        )
    })
}
