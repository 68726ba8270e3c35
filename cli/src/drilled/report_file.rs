use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use engine::drill::Report;
use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Where the log of etcd stands.
pub(crate) fn log_beside(report: &Path) -> PathBuf {
    let mut log = report.as_os_str().to_owned();
    log.push(".etcd.log");
    log.into()
}

/// Whether a report can be written at `path`, and a log beside it: said before hours of restoring. What stands there may be
/// a report, and is no device, pipe or link, in whose place a file would be.
pub(crate) fn look(path: &Path) -> Result<()> {
    for path in [path, &log_beside(path)] {
        match path.symlink_metadata() {
            Ok(there) if there.is_file() => {}
            Ok(_) => {
                return Err(failed(
                    path,
                    "a file is needed, and something else is there",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(path, error)),
        }
    }
    let trial = NamedTempFile::new_in(above(path));
    trial.map(drop).map_err(|error| failed(path, error))
}

fn above(path: &Path) -> &Path {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    above.unwrap_or(Path::new("."))
}

fn failed(path: &Path, why: impl Display) -> Error {
    let shown = path.display();
    Error::new(format!("cannot write the report to {shown}: {why}"))
}

/// Writes the report at `path`, in the place of the one of the drill before.
pub(crate) fn write(path: &Path, report: &Report) -> Result<()> {
    let json = serde_json::to_vec_pretty(report).map_err(|error| failed(path, error))?;
    let written = NamedTempFile::new_in(above(path)).and_then(|mut file| {
        file.write_all(&json)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).map_err(|error| failed(path, error))
}
