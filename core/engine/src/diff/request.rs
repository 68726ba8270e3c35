use std::io;

use tokio_util::sync::CancellationToken;

use crate::keyspace::{Difference, Keys, Side};

/// What to compare.
#[derive(Clone)]
pub struct Request {
    /// The first state.
    pub from: Side,
    /// The second.
    pub to: Side,
    /// Which keys.
    pub keys: Keys,
    /// Cancelled when it should stop.
    pub cancel: CancellationToken,
    /// Bytes that the names of the keys of each state may take in memory.
    pub memory: usize,
}

/// Who is told what differs.
pub trait Listener: Send + 'static {
    /// A key that differs, in the order of keys. An error ends the comparison.
    fn hear(&mut self, difference: &Difference) -> io::Result<()>;
}
