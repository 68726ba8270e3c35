//! What a database holds, found out while it comes by: for one that is sent on and never stood on this disk.
//!
//! See [`bolt::stream`] for what is noted, and what that costs. Beside it are kept: 56 bytes of each leaf that may
//! be the `meta` bucket, and the last event of each leaf that may be the last of the `key` bucket, up to 4 MiB.

mod holds;
mod last_events;
mod leaves;
mod marks;

pub use holds::{Holds, KeyBucket, Unclear};
pub use last_events::LastEvent;

use bolt::stream::Pass;
use leaves::Leaves;

/// A pass over a database.
#[derive(Debug)]
pub struct Passing(Pass<Leaves>);

impl Passing {
    /// Over a database of `size` bytes that holds no revision above `highest`: what does is of transactions since,
    /// and stands on pages that were free when the stream began.
    pub fn new(size: u64, highest: i64) -> Self {
        Self(Pass::new(size, Leaves::up_to(highest)))
    }

    /// Takes the next bytes, in any pieces.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.push(bytes);
    }

    /// What the database holds, or why that is not known; it may be fine all the same.
    pub fn finish(self) -> Result<Holds, Unclear> {
        let (index, leaves) = self.0.finish();
        Holds::read(&index?, leaves)
    }
}
