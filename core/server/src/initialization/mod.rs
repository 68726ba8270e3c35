//! The initialization of the data directory, as etcd-wrapper asks for it.

mod machine;
mod runner;

pub use machine::Word;
pub(crate) use runner::Initialization;
pub use runner::Progress;
