use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Unfinished;
use crate::program;

const ADVICE: &str = "it comes from PyPI: install Python 3.9 or later, with pip";

/// The Python of this machine. Not the `python3` of the path, which may be a script that looks for
/// one, but the interpreter that it ends up with.
#[derive(Debug, Clone)]
pub(super) struct Python {
    executable: PathBuf,
    version: String,
}

impl Python {
    pub(super) fn found() -> Result<Self> {
        let ask = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
        let said = program::run(Command::new("python3").args(["-c", ask])).context(ADVICE)?;
        let mut lines = said.lines().map(str::to_owned);
        let (executable, version) = lines.next().zip(lines.next()).context(ADVICE)?;
        Ok(Self {
            executable: executable.into(),
            version,
        })
    }

    /// As `3.11`: packages for one are not for another.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Itself, with the packages of `dir` and none of the user's.
    pub(super) fn command_with(&self, dir: &Path) -> Command {
        let mut python = Command::new(&self.executable);
        python
            .arg("-s")
            .env("PYTHONPATH", dir)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONWARNINGS", "ignore")
            .env("PYTHONUNBUFFERED", "1");
        python
    }

    /// Installs what `requirements` pin, and nothing else; returns the version of `package`. Into a
    /// plain directory: a virtual environment knows where it stands and could not be moved.
    pub(super) fn install(
        &self,
        package: &str,
        requirements: &str,
        room: &Unfinished,
    ) -> Result<String> {
        let list = room.scratch().join("requirements.txt");
        fs::write(&list, requirements)?;
        program::run(
            Command::new(&self.executable)
                .args(["-m", "pip", "install", "--quiet", "--no-deps"])
                .args(["--disable-pip-version-check", "--target"])
                .arg(room.whole())
                .arg("--requirement")
                .arg(&list),
        )
        .context(ADVICE)?;
        let ask = format!("import importlib.metadata as m; print(m.version('{package}'))");
        let said = program::run(self.command_with(room.whole()).args(["-c", &ask]))?;
        Ok(said.trim().to_owned())
    }
}
