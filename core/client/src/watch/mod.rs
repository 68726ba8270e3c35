//! Events as etcd sends them: typed, and said where a batch of them ends.

mod contiguity;
mod event;
mod item;
mod pieces;
mod stream;

pub use contiguity::{Contiguity, Step};
pub use event::{Change, Event};
pub use item::{Batch, BatchEnd, WatchItem};
pub(crate) use pieces::{Pieces, canceled};
pub use stream::{Large, WatchFrom, WatchStream};
