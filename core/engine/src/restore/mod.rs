//! From a store to a data directory, without an etcd.
//!
//! plan (pure) -> fetch and decode, in parallel, ahead but bounded -> replay in order, every event
//! checked against the one before -> write -> read it all again -> publish by one rename.

mod attempt;
mod build;
mod commit;
mod compact;
mod error;
mod preview;
mod replace;
mod report;
mod request;
mod run;
mod salvage;

pub(crate) use attempt::{Marks, attempt};
pub use error::{BadOption, Error, Result};
pub use preview::{Preview, preview, preview_file};
pub use report::{LeftOut, Report, RestoredMember};
pub use request::{Authentication, Changes, History, Identity, OtherCluster, Request};
pub use run::{restore, restore_file, restore_own};
pub use salvage::{Onto, Salvaged, SalvagedChange, Source};
