//! What a compaction would do, as far as names tell. Nothing is read, so damage does not show.

use super::begin::{Begin, begin, choose};
use super::error::Result;
use super::request::Request;
use crate::backups::branches::Taken;
use crate::backups::listing::read_some;
use crate::backups::{Snapshot, SnapshotName, Target};
use crate::history::lineage_warnings;
use crate::session::Session;

/// What a compaction would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The full that it would begin with.
    pub base: Snapshot,
    /// The deltas that it would add.
    pub deltas: Vec<Snapshot>,
    /// The full that it would write; `None` where no delta follows on the newest full.
    pub name: Option<SnapshotName>,
    /// The lineage; none where the store tells of none.
    pub branch: Option<Taken>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

impl Preview {
    /// Bytes to fetch.
    pub fn bytes(&self) -> u64 {
        let deltas: u64 = self.deltas.iter().map(|delta| delta.size).sum();
        self.base.size + deltas
    }
}

/// What a compaction would fetch and write. Changes nothing.
pub async fn preview(session: &Session, request: &Request) -> Result<Preview> {
    request.check()?;
    let holdings = read_some(session).await?;
    let branch = choose(&holdings, request)?;
    let (base, deltas, name) = match begin(&holdings, branch, request)? {
        Begin::Head(full) => (*full, Vec::new(), None),
        Begin::Chain {
            base,
            deltas,
            created,
        } => {
            let name = deltas
                .last()
                .map(|last| request.name((&base, last), (last.name.last, created), &session.keys));
            (*base, deltas, name)
        }
    };
    Ok(Preview {
        base,
        deltas,
        name,
        branch: holdings.taken(branch),
        warnings: lineage_warnings(&holdings, branch, &Target::Latest),
    })
}
