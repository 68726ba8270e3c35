use jiff::Timestamp;
use serde::Serialize;

use super::error::{Error, Result};
use crate::backups::metadata::{Proof, amend};
use crate::session::Session;

/// What was shown: that backups lead to what etcd had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// How much it shows. 2: the hash that etcd remembers from a compaction. 3: the chain leads to what the next full
    /// holds. 4: a hash that etcd made for it.
    pub tier: u8,
    /// The revision up to which the chain is proven.
    pub revision: i64,
    /// The compaction with which it was compared; `None` for none.
    pub compact_revision: Option<i64>,
    /// The hash, or the sum, that both have.
    pub hash: u32,
    /// The full of the chain; `None` where it begins with an empty etcd.
    pub base: Option<String>,
    /// Its deltas, up to that revision.
    pub deltas: Vec<String>,
    /// With what it was compared.
    pub with: String,
    /// When.
    pub at: Timestamp,
}

impl Proven {
    /// By what it is shown, in words.
    pub fn shown_by(&self) -> &'static str {
        match self.tier {
            2 => "by the hash that etcd remembers from a compaction",
            3 => "by what was noted of that full when it was taken; no etcd was asked",
            _ => "by a hash for which etcd has read its whole database",
        }
    }

    /// Notes it beside the full of the chain: retention lets go older fulls only then, if it is told so.
    pub(super) async fn note(self, session: &Session) -> Result<Self> {
        let Some(base) = &self.base else {
            return Ok(self);
        };
        let proof = Proof {
            tier: self.tier,
            revision: self.revision,
            at: self.at,
        };
        let name = base.rsplit('/').next().unwrap_or(base);
        let noting = amend(&*session.store, name, |metadata| {
            metadata.proof = Some(proof)
        });
        let noted = session.cancel.run_until_cancelled(noting).await;
        noted.ok_or(Error::Interrupted)?.map_err(Error::Note)?;
        Ok(self)
    }
}
