use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// How much of what a program complained about is passed on, in lines.
const COMPLAINT: usize = 12;

/// What `program` prints, once it has ended well.
pub fn output<S: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Result<String> {
    run(Command::new(program).args(arguments))
}

/// Runs `command` to its end and returns what it printed. A program that is not there, or ends
/// with an error, is an error with its last words.
pub fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{name}` cannot be run; is it installed?"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    let lines: Vec<&str> = complaint.lines().collect();
    let last = &lines[lines.len().saturating_sub(COMPLAINT)..];
    bail!("`{name}` failed ({}): {}", done.status, last.join("\n"));
}
