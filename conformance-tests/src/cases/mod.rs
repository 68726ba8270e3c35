//! The promises, grouped by the method that makes them.

mod delete;
mod get;
mod head;
mod keys;
mod list;
mod put;
mod upload;
mod versions;

use crate::Case;

const GROUPS: [&[Case]; 8] = [
    put::CASES,
    get::CASES,
    head::CASES,
    list::CASES,
    delete::CASES,
    upload::CASES,
    keys::CASES,
    versions::CASES,
];

/// Every case there is.
pub fn all() -> impl Iterator<Item = &'static Case> {
    GROUPS.into_iter().flatten()
}
