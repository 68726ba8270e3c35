//! A member, and what `initialize` and `validate` say of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Run, Site, contents, spoilt};

/// The database of a member.
pub(crate) const DB: &str = "member/snap/db";

/// Every file and directory below `dir`: when it was changed, its inode, and its bytes.
pub(crate) fn everything(dir: &Path) -> BTreeMap<PathBuf, (i64, i64, u64, Vec<u8>)> {
    let mut all = contents(dir);
    all.insert(dir.to_owned(), Vec::new());
    let with_times = |(path, bytes): (PathBuf, Vec<u8>)| {
        let found = fs::symlink_metadata(&path).unwrap();
        let times = (found.mtime(), found.mtime_nsec(), found.ino());
        (path, (times.0, times.1, times.2, bytes))
    };
    all.into_iter().map(with_times).collect()
}

/// A store with a full at revision 20 and deltas to 40 and 60, and a member restored from it.
pub(crate) fn restored() -> Site {
    let (site, _) = Site::with_history();
    site.restore(&[]);
    site
}

pub(crate) fn initialize(site: &Site, args: &[&str]) -> Run {
    let data_dir = site.data_dir();
    let data_dir = data_dir.to_str().unwrap();
    site.run(
        "initialize",
        &[&["--data-dir", data_dir, "--lock-timeout", "0s"], args].concat(),
    )
}

pub(crate) fn validate(site: &Site, args: &[&str]) -> Run {
    let data_dir = site.data_dir();
    let data_dir = data_dir.to_str().unwrap();
    site.run("validate", &[&["--data-dir", data_dir], args].concat())
}

/// An initialization that must succeed: what it says.
pub(crate) fn outcome(site: &Site, args: &[&str]) -> Value {
    let run = initialize(site, &[&["--output", "json"], args].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Spoils the database.
pub(crate) fn damage(site: &Site) {
    let path = site.data_dir().join(DB);
    let spoilt = spoilt(&fs::read(&path).unwrap());
    fs::write(&path, spoilt).unwrap();
}

pub(crate) fn revision(site: &Site) -> i64 {
    let db = bolt::Db::open(File::open(site.data_dir().join(DB)).unwrap()).unwrap();
    assert!(db.check().is_clean(), "{}", db.check());
    etcd::store_state::StoreState::read(&db).unwrap().revision
}
