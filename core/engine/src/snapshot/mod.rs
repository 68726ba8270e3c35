//! Takes backups of an etcd that runs: fulls and deltas, as etcd-backup-restore takes them.

mod arrival;
pub mod deltas;
pub mod description;
mod error;
pub mod fence;
pub mod full;
mod key;
pub mod machine;
mod side;
mod stored_delta;
pub mod taking;
mod waits;

pub use arrival::{Arrival, Proof};
pub use error::{Error, Result};
pub use side::Side;
pub use stored_delta::{ClosedDelta, store};
