//! Makes sure that an etcd can start on its data directory: leaves it alone when it can be trusted,
//! and otherwise brings the newest state back.
//!
//! validate -> decide (pure) -> restore beside the old member -> swap -> look again -> settle. No
//! step loses what only the old member holds, and a kill between any two leaves what the next run
//! knows how to go on from; see [`crate::data_dir::Aside`].

mod act;
mod decide;
#[cfg(test)]
mod decide_tests;
mod error;
mod fallback;
mod judge;
mod loss;
mod messages;
mod old_member;
mod one_history;
mod outcome;
mod preview;
mod recheck;
mod request;
mod restore;
mod run;
mod salvage;

pub use decide::{Action, Cluster, ClusterState, EmptyStart, Refusal, decide};
pub use error::{Error, Result};
pub use fallback::PassedOver;
pub use loss::{Loss, Measure};
pub use old_member::OldMember;
pub use outcome::{ActionTaken, Outcome, PlannedAction, report_path};
pub use preview::preview;
pub use request::Request;
pub use run::initialize;
pub use salvage::{Salvage, SalvageState, Salvageable};
