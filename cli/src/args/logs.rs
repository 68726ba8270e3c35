use std::ffi::OsString;

use clap::{ArgAction, Args, ValueEnum};
use tracing::Level;

const FLAG: &str = "--log-format";
const VARIABLE: &str = "ETCDBRCTL_LOG_FORMAT";

// How much is said on standard error, and how. (A doc comment would become the text of each command.)
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogArgs {
    /// Print errors only, and no progress
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more; twice for still more
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// Lowest level of log lines, unless -q or -v is given: error, warn, info, debug or trace, or the number
    /// that etcd-backup-restore takes (default: info, its 4)
    #[arg(long, env = "ETCDBRCTL_LOG_LEVEL", value_name = "LEVEL", value_parser = level)]
    log_level: Option<Level>,
    /// Format of log lines on standard error
    #[arg(
        long,
        env = VARIABLE,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub(crate) log_format: LogFormat,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// key=value
    Logfmt,
    /// A JSON object for each line
    Json,
}

impl LogFormat {
    /// The form that a command line asks for which could not be parsed: what the flag says last, else the variable.
    pub(crate) fn asked_for(words: impl IntoIterator<Item = OsString>) -> Self {
        let words = words.into_iter().take_while(|word| word != "--");
        let words: Vec<String> = words
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let next = words.iter().skip(1).map(Some).chain([None]);
        let said = words.iter().zip(next).filter_map(|(word, next)| {
            let of_flag = word.strip_prefix(FLAG)?;
            match of_flag.strip_prefix('=') {
                Some(value) => Self::from_str(value, false).ok(),
                None if of_flag.is_empty() => Self::from_str(next?, false).ok(),
                None => None,
            }
        });
        let variable = || Self::from_str(std::env::var_os(VARIABLE)?.to_str()?, false).ok();
        said.last().or_else(variable).unwrap_or_default()
    }
}

impl LogArgs {
    pub(crate) fn level(&self) -> Level {
        match (self.quiet, self.verbose) {
            (true, _) => Level::ERROR,
            (false, 0) => self.log_level.unwrap_or(Level::INFO),
            (false, 1) => Level::DEBUG,
            (false, _) => Level::TRACE,
        }
    }
}

/// The numbers are those of logrus, which the reference logs with: panic, fatal and error are 0 to 2.
fn level(text: &str) -> Result<Level, String> {
    match text.to_ascii_lowercase().as_str() {
        "error" | "0" | "1" | "2" => Ok(Level::ERROR),
        "warn" | "warning" | "3" => Ok(Level::WARN),
        "info" | "4" => Ok(Level::INFO),
        "debug" | "5" => Ok(Level::DEBUG),
        "trace" | "6" => Ok(Level::TRACE),
        _ => Err(
            "there are error, warn, info, debug and trace, and the numbers 0 (panic) to 6 (trace)"
                .to_owned(),
        ),
    }
}
