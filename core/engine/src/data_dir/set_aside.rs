//! A member that another takes the place of. It is moved aside within its data directory (which may
//! be the root of a volume, and cannot be moved itself), put back when that fails, and in the end
//! removed or kept. Every state that a kill can leave is known again by its names.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use etcd::data_dir::{DB, MEMBER};
use etcd::replay::Servers;

use super::exchange::{Exchange, exchange};
use super::files::{create_dir, sync_dir};
use super::in_use::in_use;
use super::lock_out::{overwrite_meta_pages, started};
use super::{elsewhere, mark};
use crate::error::{Error, Result};

/// Holds a member that will be removed once the new one is found good.
const REMOVED: &str = ".etcdbr.aside";

/// Holds a member that will be kept.
const KEPT: &str = ".etcdbr.aside-kept";

/// Holds the first member that was kept; those kept after it have a number after that, from 2 on.
/// Nobody but an operator removes one: what is kept may hold what nothing else does.
pub(super) const OLD: &str = ".etcdbr.old";

/// What becomes of a member when another is in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It is removed.
    Removed,
    /// It is kept, as are those that were kept before.
    Kept,
}

/// When a replaced member is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// When it may hold writes that what took its place does not.
    #[default]
    IfAhead,
    /// Always.
    Always,
}

/// The newest revision that a member may hold, in its database and its log together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Nothing was ever written to it.
    Nothing,
    /// Not more than this revision.
    UpTo(i64),
    /// This revision, and it is too damaged to tell how much more.
    AtLeast(i64),
}

/// A member that is to be replaced, known again by its inode: a member that appeared since, a whole
/// one perhaps, is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExistingMember {
    inode: (u64, u64),
    /// What it may hold.
    pub holds: Holds,
    /// When it is kept.
    pub keep: Keep,
    /// It is whole and stands at this revision: only what leads beyond it may take its place.
    pub whole_at: Option<i64>,
    /// The etcd that would apply its log.
    pub servers: Servers,
}

impl ExistingMember {
    /// The member in `data_dir`, if there is anything of that name.
    pub fn find(data_dir: &Path, holds: Holds, keep: Keep) -> Result<Option<Self>> {
        elsewhere::refuse(data_dir)?;
        let path = data_dir.join(MEMBER);
        match fs::symlink_metadata(&path) {
            Ok(found) => Ok(Some(Self {
                inode: (found.dev(), found.ino()),
                holds,
                keep,
                whole_at: None,
                servers: Servers::Any,
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("look at", &path)(error)),
        }
    }

    /// What becomes of it when a state at `revision` takes its place; 0 for a new etcd's.
    pub fn disposition(&self, revision: i64) -> Disposition {
        match (self.keep, self.holds) {
            (Keep::Always, _) | (_, Holds::AtLeast(_)) => Disposition::Kept,
            (_, Holds::UpTo(most)) if most > revision => Disposition::Kept,
            _ => Disposition::Removed,
        }
    }

    /// What becomes of it when an etcd takes its place that gets its state from members who have agreed on
    /// `revision`: all that was acknowledged is with them, also where a damaged one cannot tell all that it holds. One
    /// that may be ahead of them is kept: an operator may have made their cluster from an older member.
    pub fn disposition_beside(&self, revision: i64) -> Disposition {
        let known = match self.holds {
            Holds::Nothing => 0,
            Holds::UpTo(known) | Holds::AtLeast(known) => known,
        };
        match self.keep {
            Keep::Always => Disposition::Kept,
            Keep::IfAhead if known > revision => Disposition::Kept,
            Keep::IfAhead => Disposition::Removed,
        }
    }

    /// Fails when it is not there any more, or is in use.
    pub(super) fn is_there(&self, data_dir: &Path) -> Result<()> {
        if Self::find(data_dir, self.holds, self.keep)?.map(|now| now.inode) != Some(self.inode) {
            let what = "another process has changed this directory since it was looked at; nothing was \
                        done, run the command again";
            return Err(Error::DataDir {
                path: data_dir.to_owned(),
                what: what.to_owned(),
            });
        }
        if in_use(data_dir)?.is_some() {
            return Err(started(data_dir));
        }
        Ok(())
    }
}

/// A member that was moved aside.
#[derive(Debug)]
pub struct Aside {
    data_dir: PathBuf,
    disposition: Disposition,
}

/// What an earlier run that was killed had left, and what was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// Nothing was left.
    Nothing,
    /// The new member was not in place yet: the old one was put back.
    PutBack,
}

impl Aside {
    /// Puts the member `new` in the place of `existing`, which is moved aside: in one step where the
    /// file system can, so that an etcd which starts just now finds one or the other.
    pub(super) fn swap(
        data_dir: &Path,
        existing: ExistingMember,
        disposition: Disposition,
        new: &Path,
    ) -> Result<Self> {
        Self::swap_by(exchange, data_dir, existing, disposition, new)
    }

    /// The same, by `exchange` if it can.
    pub(super) fn swap_by(
        exchange: impl Fn(&Path, &Path) -> io::Result<Exchange>,
        data_dir: &Path,
        existing: ExistingMember,
        disposition: Disposition,
        new: &Path,
    ) -> Result<Self> {
        let aside = Self::begin(data_dir, existing, disposition)?;
        let (waiting, member) = (aside.member(), data_dir.join(MEMBER));
        let name = |from: &Path, to: &Path| {
            fs::rename(from, to).map_err(Error::io("give the restored member its name", to))
        };
        name(new, &waiting)?;
        match exchange(&waiting, &member) {
            Ok(Exchange::Done) => {
                aside.sync()?;
                return Ok(aside);
            }
            Ok(Exchange::Unsupported) => name(&waiting, new)?,
            Err(error) => {
                aside.discard()?;
                return Err(Error::io("exchange for the restored member", &member)(
                    error,
                ));
            }
        }
        aside.take(&member)?;
        let named = name(new, &member);
        if named.is_err() {
            aside.put_back()?;
        }
        named.map(|()| aside)
    }

    fn begin(data_dir: &Path, existing: ExistingMember, disposition: Disposition) -> Result<Self> {
        existing.is_there(data_dir)?;
        let aside = Self {
            data_dir: data_dir.to_owned(),
            disposition,
        };
        // Left by a run that was killed after its member was in place, and that one failed since.
        while let Some(left) = Self::find(data_dir) {
            left.settle()?;
        }
        // The new one is told from it by its mark.
        mark::remove(&data_dir.join(MEMBER))?;
        let dir = aside.dir();
        create_dir(&dir).map_err(Error::io("create the directory", &dir))?;
        sync_dir(data_dir)?;
        Ok(aside)
    }

    fn take(&self, member: &Path) -> Result<()> {
        fs::rename(member, self.member()).map_err(Error::io("move aside", member))?;
        self.sync()
    }

    fn sync(&self) -> Result<()> {
        sync_dir(&self.dir())?;
        sync_dir(&self.data_dir)
    }

    /// The member in `data_dir` makes room for a new etcd.
    pub fn clear(
        data_dir: &Path,
        existing: ExistingMember,
        disposition: Disposition,
    ) -> Result<Self> {
        let aside = Self::begin(data_dir, existing, disposition)?;
        aside.take(&data_dir.join(MEMBER))?;
        Ok(aside)
    }

    /// What stands aside in `data_dir`, whoever moved it there.
    pub fn find(data_dir: &Path) -> Option<Self> {
        Self::all(data_dir).next()
    }

    fn all(data_dir: &Path) -> impl Iterator<Item = Self> {
        let aside = |disposition| Self {
            data_dir: data_dir.to_owned(),
            disposition,
        };
        [Disposition::Kept, Disposition::Removed]
            .map(aside)
            .into_iter()
            .filter(|aside| is_there(&aside.dir()))
    }

    /// What stands aside in `data_dir` although there is no other member: a run was killed between
    /// moving it there and putting the new one in its place.
    pub fn without_another(data_dir: &Path) -> Option<Self> {
        let aside = Self::find(data_dir)?;
        (!is_there(&data_dir.join(MEMBER)) && is_there(&aside.member())).then_some(aside)
    }

    /// Goes on from where a run was killed, so that there is a member if there is any, and only an
    /// old one stands aside. To be done before the directory is looked at.
    pub fn resume(data_dir: &Path) -> Result<Resumed> {
        let (mut resumed, member) = (Resumed::Nothing, data_dir.join(MEMBER));
        for aside in Self::all(data_dir) {
            if !is_there(&aside.member()) {
                remove(&aside.dir())?;
            } else if is_there(&member) && aside.holds_the_new_one() {
                aside.discard()?;
            } else if !is_there(&member) {
                aside.put_back()?;
                resumed = Resumed::PutBack;
            }
        }
        mark::remove(&member)?;
        Ok(resumed)
    }

    /// Whether the new member waits in it for the exchange, and the old one is in its place still.
    fn holds_the_new_one(&self) -> bool {
        mark::is_on(&self.member()) && !mark::is_on(&self.data_dir.join(MEMBER))
    }

    /// Removes it with all that is in it. Under the name of what is removed anyway, since half of it
    /// is no member and may lack its mark.
    fn discard(&self) -> Result<()> {
        let (dir, removed) = (self.dir(), self.data_dir.join(REMOVED));
        if dir != removed {
            remove(&removed)?;
            fs::rename(&dir, &removed).map_err(Error::io("move aside", &dir))?;
            sync_dir(&self.data_dir)?;
        }
        overwrite_meta_pages(&removed.join(DB));
        remove(&removed)
    }

    fn member(&self) -> PathBuf {
        self.dir().join(MEMBER)
    }

    /// Where it stands now.
    pub fn dir(&self) -> PathBuf {
        self.data_dir.join(match self.disposition {
            Disposition::Removed => REMOVED,
            Disposition::Kept => KEPT,
        })
    }

    /// Where it will be kept; `None` if it will be removed. Under a name of its own: what was kept
    /// before stays until an operator removes it.
    pub fn will_be_kept(&self) -> Option<PathBuf> {
        let kept = self.disposition == Disposition::Kept
            && is_there(&self.member())
            && !self.holds_the_new_one();
        let name = |number: u64| match number {
            1 => self.data_dir.join(OLD),
            more => self.data_dir.join(format!("{OLD}-{more}")),
        };
        kept.then(|| (1..).map(name).find(|path| !is_there(path)))
            .flatten()
    }

    /// Whether there is a member, and it will be removed.
    pub fn will_be_removed(&self) -> bool {
        self.disposition == Disposition::Removed
            && is_there(&self.member())
            && !self.holds_the_new_one()
    }

    /// The members that were kept in `data_dir` before, by all runs.
    pub fn kept_before(data_dir: &Path) -> Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(data_dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed.map_err(Error::io("list", data_dir))?,
        };
        let mut kept = Vec::new();
        for entry in entries {
            let path = entry.map_err(Error::io("list", data_dir))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_some_and(|name| name.starts_with(OLD)) {
                kept.push(path);
            }
        }
        kept.sort();
        Ok(kept)
    }

    /// The place that it left is free: it takes it again.
    pub(super) fn put_back(&self) -> Result<()> {
        let (dir, member) = (self.dir(), self.data_dir.join(MEMBER));
        fs::rename(self.member(), &member).map_err(Error::io("put back", &member))?;
        sync_dir(&self.data_dir)?;
        remove(&dir)
    }

    /// Takes the place back from what was put there, which turned out to be no good.
    pub fn reinstate(self) -> Result<()> {
        let member = self.data_dir.join(MEMBER);
        match exchange(&self.member(), &member) {
            Ok(Exchange::Done) => {
                self.sync()?;
                self.discard()
            }
            Ok(Exchange::Unsupported) => {
                remove(&member)?;
                self.put_back()
            }
            Err(error) => Err(Error::io("put back", &member)(error)),
        }
    }

    /// The new member is good: removes the old one, or keeps it.
    pub fn settle(self) -> Result<()> {
        let kept_as = self.will_be_kept();
        mark::remove(&self.data_dir.join(MEMBER))?;
        let Some(old) = kept_as else {
            return self.discard();
        };
        fs::rename(self.dir(), &old).map_err(Error::io("keep the old member as", &old))?;
        sync_dir(&self.data_dir)
    }
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Removes a file or a directory with all that is in it, if it is there.
fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(Error::io("remove", path))
}
