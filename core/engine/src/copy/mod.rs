//! Copies backups from one store to another, of whatever providers.
//!
//! ```text
//!  source ─▶ contents ─┐
//!                      ├─▶ decide ─▶ schedule ─▶ object: read, hash, check ─▶ send ─▶ shown to be there ─▶ metadata
//!  destination ─▶ ─────┘   pure      fulls first    or: let the service copy it ─────────┘
//! ```
//!
//! At the source nothing is written, marked or deleted. At the destination nothing is replaced: what is there under a name
//! stays, and counts as copied only where it is the same. A chain begins there with its full, so that no moment has deltas
//! of a full that is missing; stopped at any moment, the next copy goes on with what is not there yet.

mod by_service;
mod contents;
mod decide;
#[cfg(test)]
mod decide_tests;
mod described;
mod error;
mod existing;
mod failure;
mod filter;
mod final_full;
mod item;
mod keys;
mod object;
mod one_place;
mod pace;
mod passing;
#[cfg(test)]
mod property_tests;
mod report;
mod request;
mod room;
mod run;
mod schedule;
mod trailing_hash;

pub use error::{Error, Result};
pub use filter::Filter;
pub use one_place::refuse_one_place;
pub use report::{Line, Outcome, Report};
pub use request::{ContentCheck, Mode, Passage, Request, Waiting};
pub use run::copy;
