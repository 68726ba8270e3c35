//! The restored database without its history.

use std::fs;

use bolt::{BulkWriter, Db};
use etcd::hash_kv;
use etcd::store_state::Compacted;

use super::error::{Error, Result};
use crate::backups;
use crate::data_dir::create_file;
use crate::history::compacted::Kept;
use crate::history::output::Output;
use crate::history::walk::Walk;

/// Compacts the database at `revision`, its last. Its length in bytes then, and its HashKV.
///
/// Both files exist for a while. The new one takes the name when it is complete and checked.
pub(crate) fn rewrite(walk: &Walk<'_>, revision: i64) -> Result<(u64, u32)> {
    let old = Db::open(walk.file).map_err(|error| walk.failed(error))?;
    let path = walk.path.with_extension("compacted");
    let file = Output::new(create_file(&path).map_err(Error::io("create", &path))?)?;
    let compacted = Walk {
        file: &file,
        path: &path,
        ..*walk
    };
    let wrong = backups::Error::of_file;
    let kept =
        Kept::of(&old, revision, walk.session.seed).map_err(|error| wrong(walk.path, error))?;
    copy(&old, &file, &kept).map_err(|error| compacted.failed(error))?;
    let new = Db::open(&file).map_err(|error| compacted.failed(error))?;
    let mut report = new.check();
    if let Some(error) = report.take_io_failure() {
        return Err(wrong(&path, error.into()).into());
    }
    if !report.is_clean() {
        return Err(Error::FailedCheck(report.to_string()));
    }
    let answer =
        hash_kv::of_database(&new, None, walk.session.seed).map_err(|error| wrong(&path, error))?;
    let marked = Compacted {
        scheduled: Some(revision),
        finished: None,
    };
    let meant = hash_kv::as_compacted(&old, revision, marked, walk.session.seed)
        .map_err(|error| wrong(walk.path, error))?;
    if answer.hash != meant {
        let what = "the compacted database does not hash as the one it was made from";
        return Err(Error::FailedCheck(what.into()));
    }
    fs::rename(&path, walk.path).map_err(Error::io("rename", &path))?;
    Ok((new.logical_size(), answer.hash))
}

fn copy(old: &Db<&Output>, file: &Output, kept: &Kept) -> Result<(), bolt::Error> {
    let mut writer = BulkWriter::create(file, old.meta().page_size)?;
    kept.write(old, &mut writer, |_, _| {})?;
    writer.finish().map(drop)
}
