//! The keys of one state in the order of their bytes, out of backups or of an etcd that runs; and what differs between
//! two such states.

mod asked;
mod difference;
mod error;
mod kept;
mod keys;
mod live;
mod open;
mod origin;
mod pick;
mod side;
mod state;

pub use asked::Asked;
pub use difference::Difference;
pub(crate) use difference::differences;
pub use error::{Error, Result};
pub use keys::Keys;
pub use open::open;
pub use origin::{Backup, Live, Origin};
pub(crate) use pick::{Pick, pick_from_file, pick_from_store};
pub use side::Side;
pub use state::State;
