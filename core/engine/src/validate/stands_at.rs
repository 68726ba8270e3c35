//! The post-write verification of a directory that was just made.

use std::path::Path;

use etcd::replay::Servers;

use super::facts::{Part, Position};
use super::look::{look_at_content, look_at_structure};
use super::request::{Mode, Validation};

/// Validates what was published, as the next start would: it stands at `revision`, or an etcd runs on it already.
/// Its pages were all read before it was published; what can have gone wrong since is the way there.
///
/// Errors: what was found instead.
pub(crate) fn stands_at(data_dir: &Path, revision: i64) -> Result<(), String> {
    // Beyond every revision, so that the log is read as well.
    let validation = Validation {
        data_dir: data_dir.to_owned(),
        mode: Mode::Sanity,
        guard: None,
        servers: Servers::Any,
    };
    let facts = look_at_content(
        &validation,
        Some(i64::MAX),
        look_at_structure(data_dir, None),
    );
    let sound = [&facts.database, &facts.log, &facts.snapshots].map(|part| *part == Part::Fine);
    match facts.in_use.is_some() || (sound == [true; 3] && facts.position == Position::At(revision))
    {
        true => Ok(()),
        false => Err(format!("{facts:?}")),
    }
}
