//! What etcds themselves get wrong, so that what they acknowledged is not what they say after a kill.
//! The log after a full leads to what was acknowledged: a difference is no fault of ours there.

use std::fs::File;
use std::path::Path;

use anyhow::Result;
use bolt::Db;
use etcd::replay::{ServerVersion, Servers};
use etcd::store_state::alarms;

use super::directory::Directory;
use super::lost::is_lost_to_a_compaction;

pub(super) const EARLY_3_5: Servers = Servers::Only(ServerVersion { minor: 5, patch: 1 });

/// Whether the etcd of this directory, booted, may say something else than the log after `full`.
pub(super) fn explain_it(full: &Path, killed: &Path, servers: Servers) -> Result<bool> {
    Ok(forgets_guards(&Directory::open(killed)?, servers)?
        || is_lost_to_a_compaction(&Db::open(File::open(full)?)?, killed)?)
}

/// Up to 3.5 an etcd that runs forgets the guard of an alarm that is raised when another is raised or
/// disarmed, and writes again; one that starts with raised alarms has the guards of all (apply.go,
/// `Alarm`, and server.go, `restoreAlarms`). The log after the full is that of one that ran.
fn forgets_guards(directory: &Directory, servers: Servers) -> Result<bool> {
    let forgets = matches!(servers, Servers::Only(version) if version.minor <= 5);
    Ok(forgets && !alarms(&directory.db)?.is_empty())
}
