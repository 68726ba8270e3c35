//! Fulls that are taken, and one that is made of a chain: whatever fails, no object appears that is not whole, and none
//! counts that was not shown.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod compacted;
mod faults;
mod merged;
mod real;
mod set_up;
mod troubled;
