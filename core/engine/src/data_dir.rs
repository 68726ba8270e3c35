//! A data directory: built under another name and given its own last; exchanged for one that is there;
//! and who else may be at work on it.

mod building;
mod elsewhere;
mod exchange;
mod in_use;
mod lock_out;
mod mark;
mod named;
mod owner;
mod set_aside;
#[cfg(test)]
mod set_aside_tests;
mod staging;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use etcd::data_dir::{DB, DIR_MODE, FILE_MODE, MEMBER};

pub use in_use::in_use;
pub use lock_out::keep_etcd_out;
pub(crate) use named::{ReadSnapshot, read_snapshots, segments, snapshots};
pub use set_aside::{Aside, Fate, Holds, Keep, Occupant, Resumed};
pub use staging::Staging;

use crate::error::{Error, Result};
use crate::lock;

/// Where a directory is built when there is none of its name yet: beside it.
const BESIDE: &str = ".part";

/// Where it is built when the directory is there, empty, perhaps the root of a volume: inside.
const INSIDE: &str = ".etcdbr.part";

/// Removes what a restore into `data_dir` that died has left; leaves alone what is at work, and
/// what is not ours.
pub fn clear_leftovers(data_dir: &Path) -> Result<()> {
    let (inside, beside) = (data_dir.join(INSIDE), beside(data_dir)?);
    for part in [&inside, &beside] {
        // Of an empty one its name alone says whose it is.
        if *part == beside && !building::is_marked(part) {
            continue;
        }
        let Ok(dir) = File::open(part) else { continue };
        let Some(_held) = lock::directory(dir, part).map_err(Error::io("lock", part))? else {
            continue;
        };
        if building::clear(part).is_ok() {
            building::tear_down(part).map_err(Error::io("remove the leftover", part))?;
        }
    }
    Ok(())
}

/// Whether a volume is mounted on `data_dir`, so that what stands beside it is on another.
pub fn is_mount_point(data_dir: &Path) -> bool {
    elsewhere::is_mount_point(data_dir).unwrap_or(false)
}

/// `DIR.part` beside `DIR`.
fn beside(data_dir: &Path) -> Result<PathBuf> {
    let Some(name) = data_dir.file_name() else {
        let what = String::from("this is no name for a new directory");
        return Err(Error::DataDir {
            path: data_dir.to_owned(),
            what,
        });
    };
    let mut part = name.to_owned();
    part.push(BESIDE);
    Ok(data_dir.with_file_name(part))
}

/// Refuses a directory with a member in it: nothing of it is touched.
pub fn refuse_member(data_dir: &Path) -> Result<()> {
    let refuse = |what: &str| {
        Err(Error::DataDir {
            path: data_dir.to_owned(),
            what: what.to_owned(),
        })
    };
    match fs::metadata(data_dir) {
        Ok(found) if !found.is_dir() => return refuse("this is a file, not a directory"),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io("look at", data_dir)(error));
        }
        _ => {}
    }
    if let Some(aside) = Aside::without_another(data_dir) {
        return refuse(&format!(
            "an `etcdbrctl initialize` was killed here, and the member that it replaced stands in \
             {}; run it again, it puts that member back first",
            aside.dir().display()
        ));
    }
    if fs::symlink_metadata(data_dir.join(MEMBER)).is_err() {
        return Ok(());
    }
    let db = data_dir.join(DB);
    if lock::is_held(&db).map_err(Error::io("look for a lock on", &db))? {
        return refuse("a running etcd uses this directory; stop it and choose another directory");
    }
    refuse(
        "there is an etcd member in it already, and a restore never overwrites one; move it \
         aside, or choose another --data-dir",
    )
}

/// Makes the directories that lead to `path`, and flushes their names: a directory that survives a
/// loss of power helps nobody when the one above it does not.
fn create_parents(path: &Path) -> Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .skip(1)
        .take_while(|dir| !dir.exists())
        .collect();
    let Some(nearest) = missing.first() else {
        return Ok(());
    };
    create_dir(nearest).map_err(Error::io("create the directory", nearest))?;
    let holders = missing.iter().filter_map(|dir| dir.parent());
    holders
        .filter(|dir| !dir.as_os_str().is_empty())
        .try_for_each(sync_dir)
}

fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIR_MODE)
        .create(path)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = create_file(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// A new file that only its owner can read, open for reading and writing.
pub fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
}

/// A name is on the disk only when its directory is.
fn sync_dir(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(Error::io("flush", path))
}
