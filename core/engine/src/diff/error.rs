use std::{io, result};

use crate::hint::Hint;
use crate::keyspace;

/// The result of a comparison.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why two states were not compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The first cannot be read.
    #[error("the first state: {0}")]
    From(#[source] keyspace::Error),
    /// The second cannot be read.
    #[error("the second state: {0}")]
    To(#[source] keyspace::Error),
    /// A difference cannot be told.
    #[error("cannot write the result: {0}")]
    Listener(#[source] io::Error),
    /// The comparison itself failed.
    #[error(transparent)]
    System(crate::error::Error),
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::From(error) | Self::To(error) => error.hints(),
            Self::Listener(_) | Self::System(_) => Vec::new(),
        }
    }
}
