use std::io::Write;

use clap_complete::Shell;

use crate::args;
use crate::error::Result;
use crate::printed::ignore_broken_pipe;

/// Prints what the shell is to read.
pub(crate) fn run(shell: Shell) -> Result<()> {
    // The generator panics when it cannot write, so it writes where it always can.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "etcdbrctl", &mut script);
    ignore_broken_pipe(std::io::stdout().write_all(&script))
}
