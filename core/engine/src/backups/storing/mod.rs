//! How an object goes to the store, for every verb that writes one: content is hashed, looked at and compressed as it
//! comes, is sent in parts, and counts as stored when something has shown that it is there.

mod arrival;
mod content;
mod described;
mod done;
mod error;
mod full;
mod key;
mod noted;
mod opens;
mod out;
mod parts;
mod sealing;
mod side;
mod sparse;
mod taken_back;
mod waits;

pub use arrival::{Arrival, Proof};
pub(crate) use arrival::{Sent, prove, read_back};
pub(crate) use content::{Content, Fed, Made};
pub(crate) use described::described;
pub use error::{Error, Result};
pub(crate) use full::{How, OfStoring, store_full};
pub(crate) use key::key_of;
pub(crate) use noted::{forget_stopped, note, readable};
pub(crate) use opens::{Place, keep, key_for, opens, sealer};
pub(crate) use parts::in_parts;
pub use side::Side;
pub(crate) use taken_back::take_back;
pub(crate) use waits::Waits;
