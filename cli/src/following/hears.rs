use std::time::Duration;

use engine::snapshot::taking::Notice;
use engine::{defragment, gc, verify};

/// Hears what happens, beside the log. It must not wait.
pub(crate) trait Hears: Send + Sync {
    /// What the snapshotter has to tell.
    fn notice(&self, notice: &Notice<'_>) {
        let _ = notice;
    }

    /// What came of a proof.
    fn proven(&self, proven: &verify::Result<verify::Proven>) {
        let _ = proven;
    }

    /// What came of a collection, and how long it took.
    fn collected(&self, collected: &gc::Result<gc::Report>, took: Duration) {
        let _ = (collected, took);
    }

    /// Members are defragmented from now on.
    fn defragments(&self) {}

    /// What came of a defragmentation.
    fn defragmented(&self, defragmented: &defragment::Result<defragment::Report>) {
        let _ = defragmented;
    }
}

/// Hears nothing: the log is enough.
pub(crate) struct Deaf;

impl Hears for Deaf {}
