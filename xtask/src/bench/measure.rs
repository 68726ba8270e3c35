use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

use super::footprint;

/// One run of the whole process, by the operating system's own account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    /// Peak resident memory in bytes.
    pub(super) peak: u64,
    /// Bytes on the disk at their most, beyond those of the result.
    pub(super) extra_disk: u64,
}

/// Restores `store` into `target`.
pub(super) fn restore(binary: &Path, store: &Path, target: &Path) -> Result<Run> {
    let dirs = [target.to_owned(), target.with_added_extension("part")];
    let mut restore = Command::new(binary);
    restore
        .args(["restore", "--store-container"])
        .arg(store)
        .arg("--data-dir")
        .arg(target);
    measured(&mut restore, &dirs, target)
}

/// The same by another program with the flags of etcd-backup-restore, which takes a container for a
/// directory below HOME, and keeps copies of what it fetches in `temp_dir`.
pub(super) fn peer(binary: &Path, store: &Path, target: &Path, temp_dir: &Path) -> Result<Run> {
    let dirs = [target.to_owned(), temp_dir.to_owned()];
    let mut restore = Command::new(binary);
    restore
        .env("HOME", "/")
        .args(["restore", "--storage-provider=Local", "--store-container"])
        .arg(store)
        .arg("--data-dir")
        .arg(target)
        .arg("--restoration-temp-snapshots-dir")
        .arg(temp_dir);
    let run = measured(&mut restore, &dirs, target);
    if temp_dir.exists() {
        std::fs::remove_dir_all(temp_dir)?;
    }
    run
}

/// Runs `restore`, which writes to `dirs` and leaves `target`.
fn measured(restore: &mut Command, dirs: &[PathBuf; 2], target: &Path) -> Result<Run> {
    let (run, most) = footprint::peak(dirs, || process(restore));
    let extra_disk = most.saturating_sub(footprint::allocated(&[target.to_owned()]));
    Ok(Run { extra_disk, ..run? })
}

/// Runs `command` to its end, which must be a good one.
pub(super) fn process(command: &mut Command) -> Result<Run> {
    process_into(command, Stdio::null())
}

/// The same, and what it says goes to `out`.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(super) fn process_into(command: &mut Command, out: impl Into<Stdio>) -> Result<Run> {
    let name = command.get_program().display().to_string();
    let begin = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {name}"))?;
    // Whatever it says fits into the pipe, or it is told to be quiet.
    let used = child.wait4()?;
    let wall = begin.elapsed();
    if !used.status.success() {
        let mut said = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_string(&mut said)?;
        }
        bail!("{name} failed ({}): {said}", used.status);
    }
    Ok(Run {
        wall,
        cpu: used.rusage.utime + used.rusage.stime,
        peak: used.rusage.maxrss,
        extra_disk: 0,
    })
}

/// The one in the middle.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
