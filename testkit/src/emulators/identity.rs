use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::wait;

/// How long a process may take to end when it is asked to.
const POLITE: Duration = Duration::from_secs(10);
/// How long the kernel may take to end one.
const FIRM: Duration = Duration::from_secs(10);

/// One process, and no later one that is given the same number: numbers are used again, the moment
/// of the start is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) pid: u32,
    /// In clock ticks since the machine started (proc(5), /proc/PID/stat, field 22).
    started: u64,
}

impl Identity {
    pub(super) fn of(pid: u32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
            .with_context(|| format!("process {pid} cannot be seen in /proc (is this Linux?)"))?;
        let (_, started) = fields(&stat).with_context(|| format!("/proc/{pid}/stat is odd"))?;
        Ok(Self { pid, started })
    }

    /// Itself as part of a file's name; [`Identity::parse`] reads it.
    pub(super) fn name(self) -> String {
        format!("{}-{}", self.pid, self.started)
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        let (pid, started) = name.split_once('-')?;
        Some(Self {
            pid: pid.parse().ok()?,
            started: started.parse().ok()?,
        })
    }

    /// Whether it runs. One that has ended and was not yet asked after does not.
    pub(super) fn is_alive(self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        fields(&stat)
            .is_some_and(|(state, started)| started == self.started && !matches!(state, 'Z' | 'X'))
    }

    /// Asks it to end, and ends it when it does not.
    pub(super) fn end(self) -> Result<()> {
        self.send(Signal::TERM);
        if self.ended_within(POLITE).is_ok() {
            return Ok(());
        }
        self.send(Signal::KILL);
        self.ended_within(FIRM)
    }

    fn send(self, signal: Signal) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.is_alive()) {
            // It may end in this moment by itself, and then all is well.
            let _ = kill_process(pid, signal);
        }
    }

    fn ended_within(self, limit: Duration) -> Result<()> {
        let what = format!("process {} ends", self.pid);
        wait::until(&what, limit, || Ok((!self.is_alive()).then_some(())))
    }
}

/// State and start. The name in parentheses before them may hold spaces and parentheses itself.
fn fields(stat: &str) -> Option<(char, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?.chars().next()?;
    // The state is field 3.
    let started = fields.nth(22 - 4)?.parse().ok()?;
    Some((state, started))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_name_does_not_confuse_the_fields() {
        let stat = "7 (a) b 1) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 99 100";
        assert_eq!(fields(stat), Some(('S', 4711)));
        assert_eq!(fields(""), None);
    }

    #[test]
    fn another_process_under_the_same_number_is_left_alone() {
        let mut sleeping = Command::new("sleep").arg("60").spawn().unwrap();
        let right = Identity::of(sleeping.id()).unwrap();
        let wrong = Identity {
            started: right.started + 1,
            ..right
        };
        wrong.end().unwrap();
        assert!(right.is_alive());
        right.end().unwrap();
        assert!(!right.is_alive());
        sleeping.wait().unwrap();
    }
}
