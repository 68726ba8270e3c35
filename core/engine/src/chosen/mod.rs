//! A state older than the newest, restored on purpose. The store still leads further then, and nothing in
//! it says that this was left; so the member says it.

mod beside;
mod left;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use beside::{Beside, Choice};
pub(crate) use state::FILE;
pub use state::{ChosenState, Origin};
