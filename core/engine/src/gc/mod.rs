//! Garbage collection: deletes what retention lets go, and says of every object what becomes of it and why.

mod collect;
mod error;
mod items;
mod orphans;
mod remove;
mod report;
mod unused_keys;
mod uploads;

pub use collect::{Collection, Mode, collect};
pub use error::{Error, Result};
pub use report::{Line, Outcome, Report};
