//! Copies between stores that fail as those of providers do.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod by_service;
mod destinations;
mod set_up;
mod sources;
mod stubs;
mod waiting;
