//! What the status page shows of a store: a listing that is renewed while somebody looks, and the commands that restore from it.

mod command;
mod drill_report;
mod listed;
mod renewed;
mod unchanged;

pub(crate) use listed::listing;
pub(crate) use renewed::{Opening, Renewed, Tells};
