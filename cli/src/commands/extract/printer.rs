use std::io;

use client::KeyValue;
use engine::extract::{Report, Step};
use engine::keyspace::Difference;

/// How steps are printed.
pub(super) trait Printer: Send {
    fn print(&mut self, step: &Step) -> io::Result<()>;

    fn finish(self: Box<Self>, report: &Report) -> io::Result<()>;
}

/// The key in the backup, and as it is in etcd.
pub(super) fn both(difference: &Difference) -> (Option<&KeyValue>, Option<&KeyValue>) {
    match difference {
        Difference::Removed(backup) => (Some(backup), None),
        Difference::Added(live) => (None, Some(live)),
        Difference::Changed { from, to } | Difference::Rewritten { from, to } => {
            (Some(from), Some(to))
        }
    }
}
