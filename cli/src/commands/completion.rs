use clap_complete::Shell;

use crate::args;
use crate::error::Result;

/// Prints what the shell is to read.
pub(crate) fn run(shell: Shell) -> Result<()> {
    clap_complete::generate(
        shell,
        &mut args::command(),
        "etcdbrctl",
        &mut std::io::stdout(),
    );
    Ok(())
}
