use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use crate::backups::{Plan, Reading};
use crate::history::Remarks;
use crate::history::output::Output;
use crate::history::walk::Walk;
use crate::progress::Phase;
use crate::session::Session;

/// A file without a name that a chain is unpacked into, and what is remarked meanwhile.
pub(super) struct Scratch {
    pub(super) file: Output,
    pub(super) remarks: Remarks,
    temp_dir: PathBuf,
}

impl Scratch {
    pub(super) fn make(temp_dir: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(temp_dir)
            .map_err(Error::io("create a temporary file in", temp_dir))?;
        Ok(Self {
            file: Output::new(file)?,
            remarks: Remarks::default(),
            temp_dir: temp_dir.to_owned(),
        })
    }

    /// Begins to verify: the walk along `plan` in it.
    pub(super) fn walk<'a>(
        &'a self,
        session: &'a Session,
        plan: &'a Plan,
        reading: Reading,
    ) -> Result<Walk<'a>> {
        session.phase(Phase::Verifying)?;
        Ok(Walk {
            session,
            plan,
            reading,
            file: &self.file,
            path: &self.temp_dir,
            remarks: &self.remarks,
        })
    }
}
