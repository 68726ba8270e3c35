use anyhow::Result;

use super::peer::Peer;
use crate::bench::measure::Run;

/// What was measured of one store.
pub(super) struct Row {
    pub(super) peer: Peer,
    pub(super) server: String,
    pub(super) ups: Vec<Pair>,
    pub(super) downs: Vec<Pair>,
}

/// Both sides, one after the other.
pub(in crate::bench) struct Pair {
    pub(in crate::bench) ours: Run,
    pub(in crate::bench) others: Run,
}

impl Pair {
    pub(in crate::bench) fn of(
        ours_first: bool,
        ours: impl FnOnce() -> Result<Run>,
        others: impl FnOnce() -> Result<Run>,
    ) -> Result<Self> {
        if ours_first {
            let ours = ours()?;
            let others = others()?;
            return Ok(Self { ours, others });
        }
        let others = others()?;
        let ours = ours()?;
        Ok(Self { ours, others })
    }
}

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = |run: &Run| run.wall.as_secs_f64();
        let (ours, others) = (seconds(&self.ours), seconds(&self.others));
        write!(f, "{ours:.2} s, other {others:.2} s;")
    }
}
