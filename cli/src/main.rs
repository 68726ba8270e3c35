//! `etcdbrctl`: backup and restore for etcd.

mod args;
mod broken;
mod clock;
mod commands;
mod drilled;
mod error;
mod etcd;
mod exit_code;
mod following;
mod hints;
mod keyring;
mod kube_object;
#[cfg(feature = "kubernetes")]
mod leases;
mod listed_json;
mod logfmt;
mod logging;
mod members;
mod memory;
mod neighbours;
mod opened;
mod printed;
mod progress;
mod runtime;
mod screen;
mod session;
mod sidecar;
mod signals;
mod store_page;
mod stores;
mod table;
mod tips;

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;

use tracing::Level;

use args::LogFormat;
use exit_code::{FAILURE, SUCCESS};

fn main() -> ExitCode {
    let code = run();
    // Nobody is left to hear of it.
    let _ = std::io::stdout().flush();
    #[cfg(feature = "plugins")]
    snapstore_plugin::leave(code);
    ExitCode::from(code)
}

fn run() -> u8 {
    // Backups hold every secret of a cluster: nobody else reads what this process writes.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    memory::keep_freed();
    let (given, unknown) = match args::expanded(std::env::args_os()) {
        Ok(expanded) => expanded,
        Err(why) => {
            logging::begin(LogFormat::asked_for(std::env::args_os()), Level::ERROR);
            logging::failed(&error::Error::new(why));
            return FAILURE;
        }
    };
    let given = args::log_flags_last(given);
    let matches = match args::command().try_get_matches_from(given) {
        Ok(matches) => matches,
        Err(error) => return usage(error),
    };
    if let Err(error) = logging::start(&matches) {
        return usage(error);
    }
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        tracing::warn!("--config-file: unknown keys are ignored: {unknown}");
    }
    match commands::run(&matches) {
        Ok(code) => code,
        Err(error) => {
            logging::failed(&error);
            FAILURE
        }
    }
}

/// Help and version are no errors, nor is asking for nothing; wrong flags are, with the exit code
/// of the reference.
fn usage(error: clap::Error) -> u8 {
    let error = tips::with_tip(error);
    let nothing = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let asked_for = nothing || error.exit_code() == 0;
    let shown = match (nothing, asked_for) {
        (true, _) => shown_help(&error),
        (false, true) => error.print(),
        (false, false) => return refused(&error),
    };
    match shown {
        Ok(()) => SUCCESS,
        // Nobody listening any more (`| head -1`) is no failure.
        Err(broken) if broken.kind() == std::io::ErrorKind::BrokenPipe => SUCCESS,
        Err(_) => FAILURE,
    }
}

/// Says that flags are wrong, in the form that they ask for: who reads the log of a pod as JSON reads this too.
fn refused(error: &clap::Error) -> u8 {
    let format = LogFormat::asked_for(std::env::args_os());
    if format == LogFormat::Text {
        // Where nobody hears it, the exit code says it.
        let _ = error.print();
    } else {
        logging::begin(format, Level::ERROR);
        logging::failed(&error::Error::from_usage(error));
    }
    FAILURE
}

/// The help that stands for a command that was not given. It is what was asked for, and goes to a pager.
fn shown_help(help: &clap::Error) -> std::io::Result<()> {
    let (mut out, help) = (std::io::stdout(), help.render());
    match screen::is_coloured(&out) {
        true => write!(out, "{}", help.ansi()),
        false => write!(out, "{help}"),
    }
}
