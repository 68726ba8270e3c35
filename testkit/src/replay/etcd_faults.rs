//! What etcds themselves get wrong, so that what they acknowledged is not what they say after a kill.
//! The log after a full leads to what was acknowledged: a difference is no fault of ours there.

use std::fs::File;
use std::path::Path;

use anyhow::Result;
use bolt::Db;
use etcd::replay::{ServerVersion, Servers, describe};
use etcd::store_state::{StoreState, alarms};

use super::directory::Directory;
use super::lost::is_lost_to_a_compaction;

pub(super) const EARLY_3_5: Servers = Servers::Only(ServerVersion { minor: 5, patch: 1 });

/// Whether the etcd of this directory, booted, may say something else than the log after `full`.
pub(super) fn explain_it(full: &Path, killed: &Path, servers: Servers) -> Result<bool> {
    let directory = Directory::open(killed)?;
    Ok(forgets_guards(&directory, servers)?
        || loses_a_lease(&directory, servers)?
        || is_lost_to_a_compaction(&Db::open(File::open(full)?)?, killed)?)
}

/// Up to 3.5 an etcd that runs forgets the guard of an alarm that is raised when another is raised or
/// disarmed, and writes again; one that starts with raised alarms has the guards of all (apply.go,
/// `Alarm`, and server.go, `restoreAlarms`). The log after the full is that of one that ran.
fn forgets_guards(directory: &Directory, servers: Servers) -> Result<bool> {
    let forgets = matches!(servers, Servers::Only(version) if version.minor <= 5);
    Ok(forgets && !alarms(&directory.db)?.is_empty())
}

/// 3.5.1 may commit the index of an entry before its effect, which is lost when it is killed just then (etcd issue 13766).
/// Where the entry makes a revision, the revisions tell. Where it is one of a lease they do not: a lease that was revoked is
/// there after the start, and one that is granted again keeps its old time.
fn loses_a_lease(directory: &Directory, servers: Servers) -> Result<bool> {
    if servers != EARLY_3_5 {
        return Ok(false);
    }
    let applied = StoreState::read(&directory.db)?.consistent_index;
    let last = directory.log.entry(applied)?;
    Ok(last.is_some_and(|entry| describe(&entry).starts_with("lease ")))
}
