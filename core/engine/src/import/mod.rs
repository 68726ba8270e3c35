//! A plain snapshot file becomes a full of a store: one of `etcdctl snapshot save`, k3s, RKE2, Talos, OpenShift or kubeadm.
//!
//! ```text
//!  file ─▶ read ──▶ a file without a name ─▶ decide ─▶ store
//!          unpack, hash, check all           pure      the same pages; before the end of the object its metadata
//! ```
//!
//! Nothing in the store is changed or replaced. Where the store knows lineages the full is one of its own; else it is of no known
//! one, as what any other program writes.

mod decide;
mod error;
mod known;
mod read;
mod report;
mod request;
mod run;
mod stored;

pub use error::{Error, Result};
pub use report::{Outcome, Report};
pub use request::{Hash, Mode, Newest, Request};
pub use run::import;
