//! What a restore does to the disk beside its result.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// Between two looks at the disk.
const LOOK: Duration = Duration::from_millis(2);

/// Bytes on the disk while `work` ran, at their most, below `dirs`.
pub(super) fn peak<T>(dirs: &[PathBuf], work: impl FnOnce() -> T) -> (T, u64) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(allocated(dirs));
                pause();
            }
            most
        });
        let worked = work();
        done.store(true, Ordering::Relaxed);
        (worked, watcher.join().unwrap_or(0))
    })
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn pause() {
    std::thread::sleep(LOOK);
}

/// Bytes that these files, and all files of these directories, take on the disk. What vanishes takes none, and what has two names
/// is there once.
pub(super) fn allocated(paths: &[PathBuf]) -> u64 {
    let mut files = BTreeMap::new();
    paths.iter().for_each(|path| look(path, &mut files));
    files.into_values().sum()
}

/// Bytes by device and inode.
fn look(path: &Path, files: &mut BTreeMap<(u64, u64), u64>) {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return;
    };
    if !metadata.is_dir() {
        files.insert((metadata.dev(), metadata.ino()), metadata.blocks() * 512);
        return;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.for_each(|entry| look(&entry.path(), files));
}

/// How often a restore flushes something, counted by strace; `None` without it.
pub(super) fn flushes(binary: &Path, store: &Path, target: &Path) -> Result<Option<usize>> {
    let traced = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=fsync,fdatasync,sync,syncfs,msync,sync_file_range",
        ])
        .arg(binary)
        .args(["restore", "--store-container"])
        .arg(store)
        .arg("--data-dir")
        .arg(target)
        .stdout(Stdio::null())
        .output();
    let Ok(output) = traced else { return Ok(None) };
    ensure!(
        output.status.success(),
        "the traced restore of {} failed",
        store.display()
    );
    let trace = String::from_utf8(output.stderr).context("read the trace")?;
    // A call that was interrupted has a second line, which lacks the parenthesis.
    Ok(Some(
        trace.lines().filter(|line| line.contains("sync(")).count(),
    ))
}
