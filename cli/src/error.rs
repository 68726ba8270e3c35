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

    /// What clap says of wrong flags, in one line: the error and its tips, without the usage and where help is.
    pub(crate) fn from_usage(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let is_of_usage = |part: &&str| {
            let part = part.trim_start();
            part.starts_with("Usage:") || part.starts_with("For more information")
        };
        let parts = text.split("\n\n").filter(|part| !is_of_usage(part));
        let parts = parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
        Self(
            parts
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("; "),
        )
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

impl From<engine::compact::Error> for Error {
    fn from(error: engine::compact::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::copy::Error> for Error {
    fn from(error: engine::copy::Error) -> Self {
        let told = hints::after(&error.to_string(), &error.hints());
        Self(match error {
            // What can be done about the source is done with its own flags.
            engine::copy::Error::Source(_) => told.replace("--store-", "--source-store-"),
            _ => told,
        })
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
        Self::from_usage(&error)
    }
}
