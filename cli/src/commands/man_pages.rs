use std::path::Path;

use crate::args;
use crate::error::{Error, Result};

/// Writes `etcdbrctl.1`, and `etcdbrctl-VERB.1` for each command that the help lists.
pub(crate) fn run(dir: &Path) -> Result<()> {
    let written = clap_mangen::generate_to(args::command(), dir);
    written.map_err(|error| {
        Error::new(format!(
            "the man pages were not written to {}: {error}",
            dir.display()
        ))
    })
}
