//! The promises, grouped by the method that makes them.

mod body;
mod copy;
mod delete;
mod get;
mod head;
mod keys;
mod large;
mod list;
mod put;
mod retention;
mod upload;
mod versions;

use std::sync::Arc;

use snapstore::Snapstore;

use crate::{Case, Context};

const GROUPS: [&[Case]; 10] = [
    put::CASES,
    get::CASES,
    head::CASES,
    list::CASES,
    delete::CASES,
    upload::CASES,
    body::CASES,
    keys::CASES,
    versions::CASES,
    copy::CASES,
];

/// Every case that can clean up after itself.
pub fn all() -> impl Iterator<Item = &'static Case> {
    GROUPS.into_iter().flatten()
}

/// The cases that write more than anybody wants to wait for each time.
pub fn large() -> impl Iterator<Item = &'static Case> {
    large::CASES.iter()
}

/// The cases of retention, for a bucket whose rule protects every new object. What they write stays
/// until the rule lets it go.
pub fn of_retention() -> impl Iterator<Item = &'static Case> {
    retention::CASES.iter()
}

impl Context {
    /// The corner of one case in a run with `seed`: another for each, which another run does not meet. A
    /// call that one case has dropped may still take effect while the next one lists.
    pub fn of_case(store: Arc<dyn Snapstore>, seed: u64, case: &Case) -> Self {
        let mut every = all().chain(of_retention()).chain(large());
        let number = every.position(|other| other.name == case.name);
        Self::new(store, seed.wrapping_add(number.unwrap_or(0) as u64))
    }
}
