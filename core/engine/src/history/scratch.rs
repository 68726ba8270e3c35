use std::fs::File;
use std::path::{Path, PathBuf};

use super::output::Output;
use super::remarks::Remarks;
use super::walk::Walk;
use crate::backups::{Plan, Reading};
use crate::error::{Error, Result};
use crate::session::Session;

/// A file, mostly one without a name, that a chain is unpacked into, and what is remarked meanwhile.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) file: Output,
    pub(crate) remarks: Remarks,
    path: PathBuf,
}

impl Scratch {
    /// In this directory.
    pub(crate) fn make(temp_dir: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(temp_dir)
            .map_err(Error::io("create a temporary file in", temp_dir))?;
        Self::on(file, temp_dir)
    }

    /// The same in this file, which is flushed by whoever needs that; `path` stands for it in messages.
    pub(crate) fn on(file: File, path: &Path) -> Result<Self> {
        Ok(Self {
            file: Output::unnamed(file)?,
            remarks: Remarks::default(),
            path: path.to_owned(),
        })
    }

    /// What stands for it in messages: the directory of a file that has no name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
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
            path: &self.path,
            remarks: &self.remarks,
        }
    }
}
