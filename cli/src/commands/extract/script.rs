//! `--to-file`: a script for etcdctl, in a new file, which gets its name when it is whole.

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use engine::extract::{SCRIPT_BEGIN, SCRIPT_END, Step, scripted};
use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Dropped before its end, nothing is left of it.
pub(super) struct Script {
    out: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl Script {
    /// A file that is there already stays as it is.
    pub(super) fn create(path: &Path) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(Error::new(format!(
                "--to-file names {}, which exists and stays as it is: name another file, or remove it",
                path.display()
            )));
        }
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let begun = tempfile::Builder::new()
            .prefix(".etcdbrctl-extract-")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(directory)
            .and_then(|file| {
                let mut out = BufWriter::new(file);
                out.write_all(SCRIPT_BEGIN.as_bytes())?;
                Ok(out)
            });
        match begun {
            Ok(out) => Ok(Self {
                out,
                path: path.to_owned(),
            }),
            Err(error) => Err(failed(path, &error)),
        }
    }

    pub(super) fn write(&mut self, step: &Step) -> io::Result<()> {
        match &step.write {
            Some(write) => self.out.write_all(scripted(write).as_bytes()),
            None => Ok(()),
        }
    }

    pub(super) fn finish(mut self) -> Result<()> {
        let named = self
            .out
            .write_all(SCRIPT_END.as_bytes())
            .and_then(|()| self.out.into_inner().map_err(io::Error::from))
            .and_then(|file| {
                file.as_file().sync_all()?;
                file.persist_noclobber(&self.path)
                    .map_err(|error| error.error)
            });
        named.map(drop).map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::new(format!(
        "cannot write --to-file {}: {error}",
        path.display()
    ))
}
