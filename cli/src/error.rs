use std::fmt;

use crate::hints;

/// What ends the program, as one sentence for the operator.
#[derive(Debug)]
pub(crate) struct Error(String);

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<engine::backups::Error> for Error {
    fn from(error: engine::backups::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::restore::Error> for Error {
    fn from(error: engine::restore::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::verify::Error> for Error {
    fn from(error: engine::verify::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::gc::Error> for Error {
    fn from(error: engine::gc::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::validate::Error> for Error {
    fn from(error: engine::validate::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::initialize::Error> for Error {
    fn from(error: engine::initialize::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<clap::Error> for Error {
    fn from(error: clap::Error) -> Self {
        Self(error.to_string())
    }
}
