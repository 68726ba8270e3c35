//! A result on standard output.

use std::io::Write;

use crate::error::{Error, Result};
use crate::screen::escaped_json;

/// One JSON document on standard output.
pub(crate) fn print_json(document: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(document)
        .map_err(|error| Error::new(format!("cannot print the result: {error}")))?;
    ignore_broken_pipe(writeln!(std::io::stdout(), "{}", escaped_json(&text)))
}

/// The result of printing, without a closed pipe. Nobody listening any more (`| head -1`) is no failure: what
/// was asked for was done.
pub(crate) fn ignore_broken_pipe(printed: std::io::Result<()>) -> Result<()> {
    match printed {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::new(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}
