//! What the process ends with.

/// The exit code of what went well.
pub(crate) const SUCCESS: u8 = 0;
/// The exit code of what failed, wrong flags included, as in the reference.
pub(crate) const FAILURE: u8 = 1;
