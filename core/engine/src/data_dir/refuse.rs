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
