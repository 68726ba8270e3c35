//! A data directory in the making: built under another name, locked, given its own name last.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use etcd::data_dir::MEMBER;

use super::files::{create_dir, create_parents, sync_dir, write_new};
use super::owner::Owner;
use super::place::{INSIDE, beside};
use super::refuse::refuse_member;
use super::set_aside::{Aside, Disposition, ExistingMember};
use super::{building, elsewhere, mark};
use crate::error::{Error, Result};
use crate::lock::{self, Held};

/// A data directory that nobody can see yet. Removed when dropped, unless published.
#[derive(Debug)]
pub struct Staging {
    /// The directory that it is built in.
    part: PathBuf,
    /// What stands for the data directory in it.
    root: PathBuf,
    /// What it will be.
    data_dir: PathBuf,
    place: Place,
    /// The member whose place it takes.
    over: Option<ExistingMember>,
    /// Who shall own it, if that is not this process.
    owner: Option<Owner>,
    /// Held until the end: the kernel releases it however the process ends.
    _lock: Held,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The whole directory is renamed.
    Beside,
    /// Its `member` directory is.
    Inside,
}

impl Staging {
    /// Begins to build `data_dir`. Refuses when there is a member in it already, or when another
    /// process builds it; clears away what a process that died has left.
    pub fn begin(data_dir: &Path) -> Result<Self> {
        Self::start(data_dir, None)
    }

    /// Begins to build what will take the place of `existing`, which stays where it is until then.
    /// Refuses when it is not the member that was looked at, or is in use by now.
    pub fn over(data_dir: &Path, existing: ExistingMember) -> Result<Self> {
        Self::start(data_dir, Some(existing))
    }

    fn start(data_dir: &Path, over: Option<ExistingMember>) -> Result<Self> {
        let look = || match &over {
            None => refuse_member(data_dir),
            Some(existing) => existing.is_there(data_dir),
        };
        look()?;
        elsewhere::refuse_dangling(data_dir)?;
        let owner = Owner::wanted(data_dir)?;
        let (part, place) = match fs::symlink_metadata(data_dir) {
            Ok(_) => (data_dir.join(INSIDE), Place::Inside),
            Err(_) => (beside(data_dir)?, Place::Beside),
        };
        create_parents(&part)?;
        let lock = Self::lock(&part, data_dir)?;
        // What is not ours is not removed either, so it is looked at before `Drop` could.
        building::clear(&part)?;
        building::mark(&part)?;
        let mut staging = Self {
            root: match place {
                Place::Beside => part.join(building::WHOLE),
                Place::Inside => part.clone(),
            },
            part,
            data_dir: data_dir.to_owned(),
            place,
            over: None,
            owner,
            _lock: lock,
        };
        if let Some(owner) = owner {
            owner.begin(&staging.part, data_dir)?;
        }
        // Looked at again under the lock: the other process may have finished just now.
        look()?;
        staging.over = over;
        Ok(staging)
    }

    fn lock(part: &Path, data_dir: &Path) -> Result<Held> {
        loop {
            create_dir(part).map_err(Error::io("create the directory", part))?;
            let dir = match File::open(part) {
                // The process before may have renamed or removed it since.
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
                opened => opened.map_err(Error::io("open", part))?,
            };
            let inode = dir.metadata().map_err(Error::io("look at", part))?.ino();
            let locked = match lock::directory(dir, part) {
                // Removed since it was opened, with the file in it that is locked.
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
                locked => locked.map_err(Error::io("lock", part))?,
            };
            let Some(held) = locked else {
                let what = format!(
                    "{} is restoring into this directory right now; wait for it or stop it",
                    building::builder(part)
                );
                return Err(Error::DataDir {
                    path: data_dir.to_owned(),
                    what,
                });
            };
            // Or since it was opened.
            if fs::metadata(part).is_ok_and(|now| now.ino() == inode) {
                return Ok(held);
            }
        }
    }

    /// The path, in the directory being built, of `relative`.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Makes a directory in it, and those that lead there.
    pub fn create_dir(&self, relative: impl AsRef<Path>) -> Result<()> {
        let path = self.path(relative);
        create_dir(&path).map_err(Error::io("create the directory", &path))
    }

    /// Writes a small file in it, flushed to the disk.
    pub fn write(&self, relative: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
        let path = self.path(relative);
        let written = write_new(&path, bytes).and_then(|file| file.sync_all());
        written.map_err(Error::io("write", &path))
    }

    /// Flushes the names in `directories`, deepest first, then gives the whole its own name and
    /// flushes that. After this it survives a loss of power; before, nobody sees it. A member whose
    /// place it takes is moved aside, to what `disposition` says, and is there until [`Aside::settle`].
    pub fn publish(self, directories: &[&str], disposition: Disposition) -> Result<()> {
        if self.over.is_some() {
            mark::put_on(&self.path(MEMBER))?;
        }
        if let Some(owner) = self.owner {
            owner.give(&self.path(MEMBER))?;
        }
        for directory in directories {
            sync_dir(&self.path(directory))?;
        }
        sync_dir(&self.root)?;
        let (from, to) = match self.place {
            Place::Beside => (self.root.clone(), self.data_dir.clone()),
            Place::Inside => (self.path(MEMBER), self.data_dir.join(MEMBER)),
        };
        match self.over {
            Some(existing) => {
                Aside::swap(&self.data_dir, existing, disposition, &from).map(drop)?
            }
            None => fs::rename(&from, &to)
                .map_err(Error::io("give the restored directory its name", &to))?,
        }
        sync_dir(to.parent().unwrap_or(Path::new("/")))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Err(error) = building::tear_down(&self.part) {
            let part = self.part.display();
            tracing::warn!("cannot remove {part}: {error}; the next restore will");
        }
    }
}

#[cfg(test)]
mod tests {
    use etcd::data_dir::DB;

    use super::super::clear_leftovers;
    use super::*;

    fn build(data_dir: &Path) -> Staging {
        let staging = Staging::begin(data_dir).unwrap();
        staging.create_dir("member/snap").unwrap();
        staging.write(DB, b"x").unwrap();
        staging
    }

    #[test]
    fn the_directory_appears_whole() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = root.path().join("new.etcd");
        let staging = build(&data_dir);
        assert!(!data_dir.exists());
        staging
            .publish(&["member/snap", "member"], Disposition::Removed)
            .unwrap();
        assert_eq!(fs::read(data_dir.join(DB)).unwrap(), b"x");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        assert_eq!(fs::metadata(&data_dir).unwrap().mode() & 0o777, 0o700);
        assert_eq!(
            fs::metadata(data_dir.join(DB)).unwrap().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(&data_dir).unwrap().count(), 1);
    }

    /// The data directory is often the root of a volume, which nothing can be renamed onto.
    #[test]
    fn a_directory_that_is_there_is_filled() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("lost+found")).unwrap();
        build(root.path())
            .publish(&["member/snap", "member"], Disposition::Removed)
            .unwrap();
        assert_eq!(fs::read(root.path().join(DB)).unwrap(), b"x");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }

    #[test]
    fn directories_that_lead_there_are_made() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = root.path().join("deep/er/new.etcd");
        build(&data_dir)
            .publish(&["member/snap", "member"], Disposition::Removed)
            .unwrap();
        assert_eq!(fs::read(data_dir.join(DB)).unwrap(), b"x");
        let made = fs::metadata(root.path().join("deep")).unwrap();
        assert_eq!(made.mode() & 0o777, 0o700);
    }

    #[test]
    fn what_is_not_published_is_removed() {
        let root = tempfile::tempdir().unwrap();
        drop(build(&root.path().join("new.etcd")));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_member_is_never_touched() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("member/snap")).unwrap();
        fs::write(root.path().join(DB), b"old").unwrap();
        let error = Staging::begin(root.path()).unwrap_err().to_string();
        assert!(error.contains("never overwrites"), "{error}");
        assert_eq!(fs::read(root.path().join(DB)).unwrap(), b"old");
    }

    #[test]
    fn a_second_restore_is_told_of_the_first() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = root.path().join("new.etcd");
        let _first = build(&data_dir);
        let error = Staging::begin(&data_dir).unwrap_err().to_string();
        assert!(
            error.contains(&format!("pid {}", std::process::id())),
            "{error}"
        );
    }

    #[test]
    fn leftovers_of_a_process_that_died_are_cleared() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = root.path().join("new.etcd");
        let part = root.path().join("new.etcd.part");
        fs::create_dir_all(part.join("new/member/wal/old")).unwrap();
        building::mark(&part).unwrap();
        build(&data_dir)
            .publish(&["member/snap", "member"], Disposition::Removed)
            .unwrap();
        assert!(!data_dir.join("member/wal").exists());
    }

    /// Where other machines may have the volume, a file in it is locked too, and a killed process leaves it.
    #[test]
    fn a_file_that_was_locked_is_nothing_to_keep() {
        let root = tempfile::tempdir().unwrap();
        let data_dir = root.path().join("new.etcd");
        let part = root.path().join("new.etcd.part");
        fs::create_dir(&part).unwrap();
        fs::write(part.join(lock::FILE), b"").unwrap();
        drop(build(&data_dir));
        assert!(!part.exists());
    }

    /// Somebody kept a data directory of their own, or files, in `new.etcd.part`, and a restore to
    /// `new.etcd` deleted them without a word. An etcd may even run there.
    #[test]
    fn what_no_restore_left_behind_is_not_cleared() {
        let root = tempfile::tempdir().unwrap();
        let (data_dir, part) = (
            root.path().join("new.etcd"),
            root.path().join("new.etcd.part"),
        );
        let refused = |what: &Path| {
            let error = Staging::begin(&data_dir).unwrap_err().to_string();
            assert!(error.contains("move it aside"), "{error}");
            clear_leftovers(&data_dir).unwrap();
            assert!(what.exists());
        };
        // An empty one was removed beside a healthy member, without a word.
        fs::create_dir(&part).unwrap();
        clear_leftovers(&data_dir).unwrap();
        assert!(part.exists());
        fs::create_dir_all(part.join("member/snap")).unwrap();
        let database = File::create(part.join(DB)).unwrap();
        refused(&part.join(DB));
        // Nor when it is ours, and something was put in there since.
        building::mark(&part).unwrap();
        fs::write(part.join("notes"), b"mine").unwrap();
        refused(&part.join("notes"));
        fs::remove_file(part.join("notes")).unwrap();
        let etcd = lock::exclusive(database).unwrap().unwrap();
        refused(&part.join(DB));
        drop(etcd);
        drop(build(&data_dir));
        assert!(!part.exists());
    }
}
