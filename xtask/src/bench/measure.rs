use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
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
    let (run, most) = footprint::peak(&dirs, || run(binary, store, target));
    let extra_disk = most.saturating_sub(footprint::allocated(target));
    Ok(Run { extra_disk, ..run? })
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn run(binary: &Path, store: &Path, target: &Path) -> Result<Run> {
    let begin = Instant::now();
    let mut child = Command::new(binary)
        .args(["restore", "--store-container"])
        .arg(store)
        .arg("--data-dir")
        .arg(target)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("start {}", binary.display()))?;
    let used = child.wait4()?;
    let wall = begin.elapsed();
    ensure!(
        used.status.success(),
        "the restore of {} failed",
        store.display()
    );
    Ok(Run {
        wall,
        cpu: used.rusage.utime + used.rusage.stime,
        peak: used.rusage.maxrss,
        extra_disk: 0,
    })
}
