use clap::{ArgAction, Args, ValueEnum};
use tracing::Level;

// How much is said on standard error, and how. (A doc comment would become the text of each command.)
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogArgs {
    /// Errors only, and no progress
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// More: what helps to find a fault
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// Least level of what is said, if neither -q nor -v is given: error, warn, info, debug or trace; or a number as in the
    /// reference, 4 for info
    #[arg(long, env = "ETCDBRCTL_LOG_LEVEL", value_name = "LEVEL", value_parser = level)]
    log_level: Option<Level>,
    /// How a line is written
    #[arg(
        long,
        env = "ETCDBRCTL_LOG_FORMAT",
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
        _ => Err("there are error, warn, info, debug and trace".to_owned()),
    }
}
