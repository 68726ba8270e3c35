use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Child;

use anyhow::{Context, Result};

use super::emulator::Emulator;
use super::identity::Identity;
use super::install::Installed;
use super::place::Place;
use super::running::Running;
use super::start;
use crate::{cache, memory};

const SHELF: &str = "emulators/running";
/// Groups of one run begin with it; what follows is the process that they belong to, and a number,
/// since a process may have several.
const SESSION: &str = "session-";

/// Servers that were started together, written down below the user's cache.
#[derive(Debug)]
pub struct Group {
    dir: PathBuf,
    outlives_us: bool,
}

impl Group {
    /// The one that stays when this process ends, until somebody takes it down.
    pub fn lasting() -> Result<Self> {
        Ok(Self {
            dir: cache::shelf(SHELF)?.join("lasting"),
            outlives_us: true,
        })
    }

    /// Starts those that do not run yet, side by side, and returns all when they serve.
    pub fn up(&self, wanted: &[(&Emulator, Installed)]) -> Result<Vec<Running>> {
        let _lock = self.lock()?;
        let mut running = Vec::new();
        let mut starting = Vec::new();
        for (emulator, installed) in wanted {
            let dir = self.dir.join(emulator.name);
            match Running::read(&dir) {
                Some(there) if there.is_alive() && there.version == emulator.version => {
                    running.push(there);
                }
                other => {
                    if let Some(other) = other {
                        other.remove()?;
                    }
                    starting.push(self.begin(emulator, installed, Place::fresh(dir)?)?);
                }
            }
        }
        for (emulator, place, mut process, started) in starting {
            if let Err(error) = start::serves(emulator, &place, &mut process) {
                // Its log stays as long as the group does: the error holds only the end of it.
                started.process.end()?;
                return Err(error);
            }
            running.push(started);
        }
        Ok(running)
    }

    /// Stops those named, or all, and says which.
    pub fn down(&self, names: &[&str]) -> Result<Vec<Running>> {
        let _lock = self.lock()?;
        let mut stopped = Vec::new();
        for running in self.members()? {
            if names.is_empty() || names.contains(&running.name.as_str()) {
                running.remove()?;
                stopped.push(running);
            }
        }
        Ok(stopped)
    }

    /// What was started, by name, whether or not it still runs.
    pub fn members(&self) -> Result<Vec<Running>> {
        let mut members = Vec::new();
        if !self.dir.exists() {
            return Ok(members);
        }
        for entry in fs::read_dir(&self.dir)? {
            members.extend(Running::read(&entry?.path()));
        }
        members.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(members)
    }

    /// Starts one and writes it down before anything can go wrong with it.
    fn begin<'a>(
        &self,
        emulator: &'a Emulator,
        installed: &Installed,
        place: Place,
    ) -> Result<(&'a Emulator, Place, Child, Running)> {
        let process = start::spawn(emulator, installed, &place, |command| {
            if self.outlives_us {
                // Ctrl-C in the terminal is not meant for it.
                command.process_group(0);
            }
        })?;
        let running = Running {
            name: emulator.name.to_owned(),
            version: emulator.version.to_owned(),
            target: emulator.target.to_owned(),
            variable: emulator.variable.to_owned(),
            url: format!("http://{}{}", place.address(), emulator.path),
            dir: place.dir.clone(),
            process: Identity::of(process.id())?,
        };
        running.write()?;
        Ok((emulator, place, process, running))
    }

    /// Held while servers are started and stopped.
    fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.dir)?;
        let path = self.dir.join("lock");
        let lock = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        lock.lock()
            .with_context(|| format!("lock {}", path.display()))?;
        Ok(lock)
    }
}

/// The servers of one run, which nobody else uses, with their data in memory where there is such a place. Stopped
/// when dropped; those of a run that was killed are stopped by the next.
#[derive(Debug)]
pub struct Session {
    group: Group,
    running: Vec<Running>,
}

impl Session {
    /// Starts them.
    pub fn start(wanted: &[(&Emulator, Installed)]) -> Result<Self> {
        let shelf = memory::shelf("sessions").or_else(|_| cache::shelf(SHELF))?;
        remove_orphans(&shelf)?;
        let ours = Identity::of(std::process::id())?;
        let group = Group {
            dir: shelf.join(format!("{SESSION}{}-{}", ours.name(), fastrand::u32(..))),
            outlives_us: false,
        };
        let mut session = Self {
            group,
            running: Vec::new(),
        };
        session.running = session.group.up(wanted)?;
        Ok(session)
    }

    /// The servers.
    pub fn running(&self) -> &[Running] {
        &self.running
    }

    /// What tells tests of them: variable and value.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let running = self.running.iter();
        running.map(|one| (one.variable.as_str(), one.url.as_str()))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What is left is found by the next run.
        if self.group.down(&[]).is_ok() {
            let _ = fs::remove_dir_all(&self.group.dir);
        }
    }
}

/// Takes down the groups whose process is no more. Another run may do the same at this moment, so
/// that what fails here is no failure.
fn remove_orphans(shelf: &Path) -> Result<()> {
    for entry in fs::read_dir(shelf)? {
        let dir = entry?.path();
        let name = dir.file_name().and_then(|name| name.to_str());
        let owner = name.and_then(|name| name.strip_prefix(SESSION)?.rsplit_once('-'));
        let owner = owner.and_then(|(owner, _)| Identity::parse(owner));
        if owner.is_some_and(|owner| !owner.is_alive()) {
            let group = Group {
                dir: dir.clone(),
                outlives_us: false,
            };
            let _ = group.down(&[]).and_then(|_| Ok(fs::remove_dir_all(&dir)?));
        }
    }
    Ok(())
}
