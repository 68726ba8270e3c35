use std::io;

use engine::diff::Report;
use engine::keyspace::Difference;

/// How differences are printed.
pub(super) trait Printer: Send {
    fn print(&mut self, difference: &Difference) -> io::Result<()>;

    fn finish(self: Box<Self>, report: &Report) -> io::Result<()>;
}
