use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A process, known beyond its number: that is used again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The name of its machine, for people.
    pub host: String,
    /// Its number.
    pub pid: u32,
    /// The boot of the machine, its namespace of numbers and when it was started there; `None` where the system does
    /// not tell (not Linux).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Where a number of a process means something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `/proc/sys/kernel/random/boot_id`.
    pub boot: String,
    /// `/proc/self/ns/pid`.
    pub namespace: String,
    /// The 22nd field of `/proc/<pid>/stat`: ticks after the boot (proc_pid_stat(5)).
    pub started: u64,
}

impl Process {
    /// This one.
    pub fn current() -> Self {
        let text = |path| Some(fs::read_to_string(path).ok()?.trim().to_owned());
        let pid = std::process::id();
        let place = || {
            let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
            Some(Place {
                boot: text("/proc/sys/kernel/random/boot_id")?,
                namespace: namespace.to_str()?.to_owned(),
                started: started(pid)?,
            })
        };
        Self {
            host: text("/proc/sys/kernel/hostname").unwrap_or_default(),
            pid,
            place: place(),
        }
    }

    /// Whether it has surely ended, as seen from here: it ran where this one runs, and is not there any more.
    pub fn is_gone(&self) -> bool {
        let here = Self::current();
        let (Some(its), Some(ours)) = (&self.place, &here.place) else {
            return false;
        };
        let is_here = its.boot == ours.boot && its.namespace == ours.namespace;
        is_here && Path::new("/proc/self/stat").exists() && started(self.pid) != Some(its.started)
    }
}

/// When a process was started; `None` if there is none.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything.
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another process had the number of one that had ended, and was waited for.
    #[test]
    fn a_process_is_known_beyond_its_number() {
        let this = Process::current();
        assert!(this.place.is_some() && !this.is_gone());
        let mut before = this.clone();
        before.place.as_mut().unwrap().started -= 1;
        assert!(before.is_gone());
        let mut elsewhere = before;
        elsewhere.place.as_mut().unwrap().namespace = "pid:[1]".to_owned();
        assert!(!elsewhere.is_gone());
        let unknown = Process {
            place: None,
            ..this
        };
        assert!(!unknown.is_gone());
    }
}
