//! Which of several snapshotters writes deltas into a store.
//!
//! Two that follow one etcd write the same events, cut at other places: etcd-backup-restore cannot restore deltas that
//! overlap. So each that begins takes the next epoch, an object `fence/<epoch>` of 16 digits in hexadecimal, and asks
//! before each delta whether there is a later one: then it stops. The reference looks only at keys with `v1/` or
//! `v2/` in them.
//!
//! A process that sleeps between the question and the write writes all the same. What it writes is of the same
//! history, or of a lineage of its own: nothing here rests on the fence, only what the reference reads.

mod epoch;
mod error;
mod process;
mod take;

pub use epoch::Epoch;
pub use error::{Error, Result};
pub use process::Process;
pub use take::{Fence, Taken, Taking};
