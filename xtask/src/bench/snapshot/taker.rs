use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::process::{self, Cpu};
use crate::bench::moment::{now, pause};

/// Between two looks at a process.
const LOOK: Duration = Duration::from_millis(2);

/// Where backups go.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) flags: Vec<OsString>,
    pub(super) credentials: Option<(&'static str, PathBuf)>,
}

impl Place {
    /// A directory.
    pub(super) fn directory(dir: &Path) -> Self {
        let flags = ["--storage-provider", "Local", "--store-container"];
        let mut flags: Vec<OsString> = flags.map(Into::into).into();
        flags.push(dir.into());
        Self {
            flags,
            credentials: None,
        }
    }
}

/// An `etcdbrctl snapshot` that runs. Killed when dropped.
pub(super) struct Taker {
    child: Child,
    log: PathBuf,
    begin: Instant,
}

/// What it took until its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub(super) wall: Duration,
    pub(super) cpu: Cpu,
    /// Resident memory at its most, in bytes.
    pub(super) peak: u64,
}

impl Taker {
    /// Has `binary` back up the etcd at `url` with these flags. Its log, and what it may lay aside, is in `room`.
    pub(super) fn start(
        binary: &Path,
        url: &str,
        place: &Place,
        flags: &[&str],
        room: &Path,
    ) -> Result<Self> {
        let log = room.join("etcdbrctl.log");
        let temp_dir = room.join("tmp");
        fs::create_dir_all(&temp_dir)?;
        let mut command = Command::new(binary);
        command
            .env_clear()
            .env("TMPDIR", &temp_dir)
            .current_dir(&temp_dir)
            .envs(place.credentials.iter().map(|(name, dir)| (name, dir)))
            .args(["snapshot", "--endpoints", url])
            .args(&place.flags)
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        let begin = now();
        let child = command.spawn().context("start etcdbrctl")?;
        Ok(Self { child, log, begin })
    }

    /// Runs on and on: no full but those that are needed, and no collection.
    pub(super) fn follow(
        binary: &Path,
        url: &str,
        place: &Place,
        flags: &[&str],
        room: &Path,
    ) -> Result<Self> {
        let quiet = [
            "--schedule",
            "0 0 1 1 *",
            "--garbage-collection-period",
            "0s",
        ];
        Self::start(binary, url, place, &[&quiet, flags].concat(), room)
    }

    /// CPU time until now.
    pub(super) fn cpu(&self) -> Result<Cpu> {
        Ok(process::used(self.child.id())?.cpu)
    }

    /// How it was until now, in its own words.
    pub(super) fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// Has it store what it holds and end.
    pub(super) fn stop(self) -> Result<(Took, String)> {
        let pid = i32::try_from(self.child.id())?;
        let pid = Pid::from_raw(pid).context("no process")?;
        kill_process(pid, Signal::TERM)?;
        self.ended()
    }

    /// Waits for its end, which must be a good one.
    pub(super) fn ended(mut self) -> Result<(Took, String)> {
        let pid = self.child.id();
        let mut most = 0;
        loop {
            most = process::peak(pid).unwrap_or(most);
            let used = process::used(pid)?;
            if !used.has_ended {
                pause(LOOK);
                continue;
            }
            let took = Took {
                wall: self.begin.elapsed(),
                cpu: used.cpu,
                peak: most,
            };
            let (status, log) = (self.child.wait()?, self.log()?);
            if !status.success() {
                bail!("etcdbrctl failed ({status}): {log}");
            }
            return Ok((took, log));
        }
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
