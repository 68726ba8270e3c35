//! Which snapshot belongs to which lineage, and which lineage is the newest. Pure: decided from names and metadata.
//!
//! A lineage is a history of one etcd. A restore to an older state, a fork or another cluster under the same prefix
//! begins a new one, and the numbers of its revisions say nothing of the others: a chain is never made of two.

mod between;
mod branch;
mod choice;
#[cfg(test)]
mod choice_tests;
mod crash;
mod holdings;
mod order;
mod origin;
#[cfg(test)]
mod property_tests;
mod sort_out;
#[cfg(test)]
mod store_of_tests;
#[cfg(test)]
mod tests;

pub use branch::{Branch, UNKNOWN};
pub use choice::{ChoiceError, Taken, Wanted};
pub use holdings::{Holdings, Unplaced};
pub use origin::Origin;
pub use sort_out::{branches, origins};
