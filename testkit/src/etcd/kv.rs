use anyhow::Result;
use serde::Serialize;

use super::{Bytes, Etcd, Int, State};

/// One zero byte: the first of all keys, and, as an end, the end of all keys.
pub(super) const ALL: &[u8] = b"\0";

#[derive(Serialize)]
struct Range {
    key: Bytes,
    range_end: Bytes,
    revision: Int,
}

#[derive(Serialize)]
struct Compaction {
    revision: Int,
    physical: bool,
}

/// Whether a compaction is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compacted {
    /// Until it is on the disk.
    Physically,
    /// Until it is decided; etcd goes on with it after the answer.
    Eventually,
}

impl Etcd {
    /// Every live key, now.
    pub fn state(&self) -> Result<State> {
        self.state_at(0)
    }

    /// Every key that was live at `revision`.
    pub fn state_at(&self, revision: i64) -> Result<State> {
        let range = Range {
            key: ALL.into(),
            range_end: ALL.into(),
            revision: revision.into(),
        };
        self.gateway().read("kv/range", &range)
    }

    /// The revision, now.
    pub fn revision(&self) -> Result<i64> {
        let range = Range {
            key: ALL.into(),
            range_end: Bytes::default(),
            revision: Int(0),
        };
        let state: State = self.gateway().read("kv/range", &range)?;
        Ok(state.revision())
    }

    /// Forgets history up to `revision`.
    pub fn compact(&self, revision: i64, wait: Compacted) -> Result<()> {
        let request = Compaction {
            revision: revision.into(),
            physical: wait == Compacted::Physically,
        };
        self.gateway()
            .call::<serde_json::Value>("kv/compaction", &request)?;
        Ok(())
    }
}
