//! `--to-file`: a script for etcdctl, in a new file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use engine::extract::{SCRIPT_BEGIN, SCRIPT_END, Step, scripted};

use crate::error::{Error, Result};

pub(super) struct Script {
    out: BufWriter<File>,
    path: PathBuf,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begun,
    Whole,
}

impl Script {
    /// A file that is there already stays as it is.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let begun = File::create_new(path).and_then(|file| {
            let mut out = BufWriter::new(file);
            out.write_all(SCRIPT_BEGIN.as_bytes())?;
            Ok(out)
        });
        match begun {
            Ok(out) => Ok(Self {
                out,
                path: path.to_owned(),
                state: State::Begun,
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
        let ended = self.out.write_all(SCRIPT_END.as_bytes());
        let ended = ended.and_then(|()| self.out.flush());
        ended.map_err(|error| failed(&self.path, &error))?;
        self.state = State::Whole;
        Ok(())
    }
}

/// What is not whole goes.
impl Drop for Script {
    fn drop(&mut self) {
        if self.state == State::Begun {
            // It does nothing anyway: it looks for its own end first.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::new(format!(
        "cannot write --to-file {}: {error}",
        path.display()
    ))
}
