//! Makes one full of a chain: the newest full and its deltas, as they are at their end and without their history.
//!
//! ```text
//!  store ─▶ chain ──▶ a file without a name ──▶ layout ──▶ stored ─▶ store
//!           read, fold, check                   first run  second run: pages in order, hash, compress, upload;
//!                                               no output  before the end: what was made is what was meant,
//!                                                          and metadata is written
//! ```
//!
//! Disk: the database of the chain, as a restore needs it, and no second one. Nothing in the store is changed or deleted;
//! what a new full makes needless is for retention.

mod begin;
mod chain;
mod error;
mod known;
mod layout;
pub mod levels;
mod preview;
mod report;
mod request;
mod run;
mod secrecy;
mod spoilt;
mod stored;

pub use error::{Error, Result};
pub use preview::{Preview, preview};
pub use report::{Head, Outcome, Report};
pub use request::Request;
pub use run::compact;
