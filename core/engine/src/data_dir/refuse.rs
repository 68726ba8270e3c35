use std::path::Path;
use std::{fs, io};

use etcd::data_dir::{DB, MEMBER};

use super::set_aside::Aside;
use crate::error::{Error, Result};
use crate::lock;

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
         aside, or choose another data directory",
    )
}

/// What may stand in a data directory beside the member: what we or etcd-backup-restore leave there, copies of a
/// member under a name that begins with its own, and what file systems and file servers keep at the root of a volume.
fn may_stand_beside(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "safe_guard",
        "lost+found",
        "@eaDir",
        "@Recycle",
        "#recycle",
        "#snapshot",
        ".snapshot",
        ".snapshots",
        ".zfs",
    ];
    name.starts_with(MEMBER) || name.starts_with(".etcdbr") || NAMES.contains(&name)
}

/// How many of them a message names.
const NAMED: usize = 4;

/// Refuses a directory that is the place of other things, such as a home directory or the root of a machine: etcd
/// takes a data directory for itself, and its rights from everybody else.
pub fn refuse_shared(data_dir: &Path) -> Result<()> {
    let look = Error::io("look at", data_dir);
    let entries = match fs::read_dir(data_dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(look)?,
    };
    let mut others = Vec::new();
    for entry in entries {
        let name = entry.map_err(Error::io("look at", data_dir))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if !may_stand_beside(&name) {
            others.push(name);
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    others.sort();
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    others.truncate(NAMED);
    Err(Error::DataDir {
        path: data_dir.to_owned(),
        what: format!(
            "other things are in this directory ({}{more}), and a data directory is etcd's alone; choose one of its \
             own, such as {}, or move them away",
            others.join(", "),
            data_dir.join("default.etcd").display()
        ),
    })
}
