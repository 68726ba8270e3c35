use std::path::{Path, PathBuf};

use super::output::Output;
use super::remarks::Remarks;
use super::walk::Walk;
use crate::backups::{Plan, Reading};
use crate::error::{Error, Result};
use crate::session::Session;

/// A file without a name that a chain is unpacked into, and what is remarked meanwhile.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) file: Output,
    pub(crate) remarks: Remarks,
    temp_dir: PathBuf,
}

impl Scratch {
    /// In this directory.
    pub(crate) fn make(temp_dir: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(temp_dir)
            .map_err(Error::io("create a temporary file in", temp_dir))?;
        Ok(Self {
            file: Output::unnamed(file)?,
            remarks: Remarks::default(),
            temp_dir: temp_dir.to_owned(),
        })
    }

    /// The directory, for messages: the file has no name.
    pub(crate) fn path(&self) -> &Path {
        &self.temp_dir
    }

    /// The walk along `plan` in it.
    pub(crate) fn walk<'a>(
        &'a self,
        session: &'a Session,
        plan: &'a Plan,
        reading: Reading,
    ) -> Walk<'a> {
        Walk {
            session,
            plan,
            reading,
            file: &self.file,
            path: &self.temp_dir,
            remarks: &self.remarks,
        }
    }
}
