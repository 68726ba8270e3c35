//! Takes backups of an etcd that runs: fulls and deltas, as etcd-backup-restore takes them.

pub mod deltas;
pub mod description;
mod error;
pub mod fence;
pub mod full;
pub mod machine;
mod stored_delta;
pub mod taking;

pub use crate::backups::storing::{Arrival, Proof, Side};
pub use error::{Error, Result};
pub use stored_delta::{ClosedDelta, store};
