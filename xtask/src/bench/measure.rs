use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

/// One run of the whole process, by the operating system's own account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    /// Peak resident memory in bytes.
    pub(super) peak: u64,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(super) fn restore(binary: &Path, store: &Path, target: &Path) -> Result<Run> {
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
    })
}
