//! The status page: what is known of backups, for people. Pure: no network, no store, no clock.
//!
//! [`Known`] (what a listing and a sidecar say) becomes a [`View`] (a sentence, tiles, ranges, gaps, chains: all that is decided), and
//! that becomes HTML. The page is one document: its style and its script are in it, and [`policy`] lets a browser run
//! these alone and ask nobody else for anything.
#![warn(missing_docs)]

mod assets;
pub mod drill;
mod fault;
mod held;
mod html;
mod known;
mod listing;
pub mod members;
mod sidecar;
mod store;
pub mod view;
mod words;
pub mod work;

pub use assets::policy;
pub use fault::Fault;
pub use held::Held;
pub use html::document;
pub use known::Known;
pub use listing::{Chain, Gap, Lineage, Listing, Object, Parent, Proof};
pub use sidecar::{
    Backups, Failing, Initialization, Member, Newest, Restorable, Role, Sidecar, Taken, Word,
};
pub use store::{Command, State, Store};
pub use view::{Level, View, Window};
pub use work::Work;
