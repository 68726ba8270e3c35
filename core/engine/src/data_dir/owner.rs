//! Whose a restored member is: root restores what another user's etcd must read.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, chown, lchown};
use std::path::Path;

use etcd::data_dir::MEMBER;
use rustix::process::{getegid, geteuid};

use crate::error::{Error, Result};

/// A user and a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    fn of(path: &Path) -> Result<Option<Self>> {
        match fs::metadata(path) {
            Ok(found) => Ok(Some(Self {
                user: found.uid(),
                group: found.gid(),
            })),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(Error::io("look at", path)(error)),
            },
        }
    }

    /// Who shall own what is restored into `data_dir`: the owner of the member whose place it takes,
    /// or else of the directory itself. `None` if that is who this process is, or nobody says.
    pub(super) fn wanted(data_dir: &Path) -> Result<Option<Self>> {
        let me = Self {
            user: geteuid().as_raw(),
            group: getegid().as_raw(),
        };
        if let Some(member) = Self::of(&data_dir.join(MEMBER))? {
            // Of which group its files are, a directory may decide.
            let mine = member == me || (me.user != 0 && member.user == me.user);
            return Ok((!mine).then_some(member));
        }
        // A volume of root's, which a pod's group may write, says nothing of who etcd is.
        let dir = Self::of(data_dir)?.filter(|dir| me.user == 0 && *dir != me);
        Ok(dir)
    }

    /// Gives it `dir`, to begin with: who cannot, learns it before anything is restored.
    pub(super) fn begin(self, dir: &Path, data_dir: &Path) -> Result<()> {
        let Self { user, group } = self;
        chown(dir, Some(user), Some(group)).map_err(|error| Error::DataDir {
            path: data_dir.to_owned(),
            what: format!(
                "what is here belongs to user {user} and group {group}, and this process (user {}) \
                 cannot give them what it restores ({error}): their etcd could not read it. Run this \
                 as that user, or as root with the capability CHOWN",
                geteuid().as_raw()
            ),
        })
    }

    /// Gives it `path`, a file or a directory with all that is in it, and flushes that.
    pub(super) fn give(self, path: &Path) -> Result<()> {
        let owned = lchown(path, Some(self.user), Some(self.group));
        owned.map_err(Error::io("change the owner of", path))?;
        let file = File::open(path).map_err(Error::io("open", path))?;
        file.sync_all().map_err(Error::io("flush", path))?;
        let found = file.metadata().map_err(Error::io("look at", path))?;
        if !found.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(path).map_err(Error::io("list", path))? {
            self.give(&entry.map_err(Error::io("list", path))?.path())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mine_needs_no_other_owner() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(MEMBER)).unwrap();
        assert_eq!(Owner::wanted(root.path()).unwrap(), None);
        assert_eq!(Owner::wanted(&root.path().join("none")).unwrap(), None);
    }
}
