//! What time it is: the one place of the program that asks. All below is given the time.

use jiff::Timestamp;

#[expect(
    clippy::disallowed_methods,
    reason = "the edge of the program: what is below is given the time"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
