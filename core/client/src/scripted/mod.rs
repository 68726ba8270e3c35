//! A fake of the port, for the tests of those who use it. It speaks to no etcd: it says what the test has
//! written down, in the order in which it was written, and keeps what it was asked.
//!
//! Watches share one queue of what is said: a watch takes up where the one before it stopped, so a test
//! writes down what happens and not which watch sees it. A queue that is empty is silence, until more is
//! said. Waits go by the clock that the test gives.

mod asked;
mod etcd;
mod facts;
mod said;
mod script;
mod snapshot;
mod watch;

pub use asked::Asked;
pub use facts::Facts;
pub use said::{Said, Sent};
pub use script::Scripted;
