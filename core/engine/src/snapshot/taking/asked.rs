//! Who has asked for a snapshot and waits for it.

use tokio::sync::oneshot;

use super::requests::{Answer, Wanted};
use crate::backups::Kind;

/// Somebody who waits.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    /// What must be reached.
    pub(super) revision: i64,
    /// A full that was begun since it was asked for is under way.
    pub(super) has_begun: bool,
    pub(super) failed: u32,
    pub(super) tell: oneshot::Sender<Answer>,
}

impl Asked {
    pub(super) fn is_of_full(&self) -> bool {
        self.kind() == Kind::Full
    }

    pub(super) fn kind(&self) -> Kind {
        match self.wanted {
            Wanted::Full | Wanted::FinalFull => Kind::Full,
            Wanted::Delta => Kind::Delta,
        }
    }
}
