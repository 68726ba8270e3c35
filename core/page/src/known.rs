//! What is known at one moment.

use jiff::Timestamp;

use crate::sidecar::Sidecar;
use crate::store::Store;

/// All that the page is made of. What is not known is `None`, never a guess.
#[derive(Debug, Clone)]
pub struct Known {
    /// What time it is here.
    pub now: Timestamp,
    /// The version of the program.
    pub version: String,
    /// The store of the backups; `None` where none is configured.
    pub store: Option<Store>,
    /// What a sidecar knows of its etcd; `None` where only a store is looked at.
    pub sidecar: Option<Sidecar>,
}
