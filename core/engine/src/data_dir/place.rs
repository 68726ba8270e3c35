//! Where a directory is built before it gets its name, and what a run that died has left there.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::building;
use crate::error::{Error, Result};
use crate::lock;

/// Where a directory is built when there is none of its name yet: beside it.
pub(super) const BESIDE: &str = ".part";

/// Where it is built when the directory is there, empty, perhaps the root of a volume: inside.
pub(super) const INSIDE: &str = ".etcdbr.part";

/// `DIR.part` beside `DIR`.
pub(super) fn beside(data_dir: &Path) -> Result<PathBuf> {
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
