//! What the kernel says of a process that runs or has just ended.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Of the kernel's clock, which is the same on all machines that etcd runs on (`USER_HZ`).
const TICKS_A_SECOND: u32 = 100;

/// CPU time, of all threads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cpu {
    pub(super) user: Duration,
    /// By the kernel for it.
    pub(super) system: Duration,
}

impl Cpu {
    pub(super) fn all(self) -> Duration {
        self.user + self.system
    }

    /// From an earlier moment on.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
        }
    }
}

/// What a process has used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    pub(super) cpu: Cpu,
    /// Whether it has ended, and waits to be asked how.
    pub(super) has_ended: bool,
}

/// Reads `/proc/PID/stat`; see proc(5): state, utime and stime are its third, 14th and 15th field.
pub(super) fn used(pid: u32) -> Result<Used> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second is the program's name, in parentheses, and may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let time = |field: usize| -> Result<Duration> {
        let ticks: u32 = fields.get(field - 3).context("too short")?.parse()?;
        Ok(Duration::from_secs(1) * ticks / TICKS_A_SECOND)
    };
    Ok(Used {
        cpu: Cpu {
            user: time(14)?,
            system: time(15)?,
        },
        has_ended: fields.first() == Some(&"Z"),
    })
}

/// The most memory that a process had at once, in bytes; `None` when it has ended.
pub(super) fn peak(pid: u32) -> Option<u64> {
    memory(pid, "VmHWM:")
}

/// What it has now.
pub(super) fn resident(pid: u32) -> Option<u64> {
    memory(pid, "VmRSS:")
}

fn memory(pid: u32, which: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(which))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes << 10)
}
