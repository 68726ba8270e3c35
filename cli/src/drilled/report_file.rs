use std::io::Write;
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

/// Writes the report at `path`, in the place of the one of the drill before.
pub(crate) fn write(path: &Path, report: &Report) -> Result<()> {
    let failed = |why: String| {
        Error::new(format!(
            "cannot write the report to {}: {why}",
            path.display()
        ))
    };
    let json = serde_json::to_vec_pretty(report).map_err(|error| failed(error.to_string()))?;
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let written = NamedTempFile::new_in(above.unwrap_or(".".as_ref())).and_then(|mut file| {
        file.write_all(&json)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).map_err(|error| failed(error.to_string()))
}
