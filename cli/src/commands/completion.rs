use std::io::Write;

use clap_complete::Shell;

use crate::args::{self, Format};
use crate::error::{Error, Result};
use crate::printed::ignore_broken_pipe;

/// Prints what the shell is to read, which has one format.
pub(crate) fn run(shell: Shell, format: Format) -> Result<()> {
    if format == Format::Json {
        let message = "`completion` prints a script, which is no JSON: leave --output out";
        return Err(Error::new(message));
    }
    // The generator panics when it cannot write, so it writes where it always can.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "etcdbrctl", &mut script);
    ignore_broken_pipe(std::io::stdout().write_all(&script))
}
