use std::result;

use crate::error::Error as System;

/// The result of a drill that came to its end, whatever it found.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why a drill has found nothing. What it found wrong is in its report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What the machine refuses.
    #[error("the drill did not come to its end: {0}")]
    System(System),
    /// Somebody asked to stop.
    #[error("interrupted before the drill was done; what was restored for it is removed")]
    Interrupted,
}

impl From<System> for Error {
    fn from(error: System) -> Self {
        match error {
            System::Interrupted => Self::Interrupted,
            other => Self::System(other),
        }
    }
}
