//! From the events of a watch to deltas.

mod gather;
mod witness;

pub use gather::{Gathered, Gatherer, Ttl};
pub use witness::{Generation, Witness};
