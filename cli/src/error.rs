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

    /// The same of the store that a copy reads: what can be done about it is done with flags and variables of its own.
    pub(crate) fn of_source(self) -> Self {
        Self(of_source(&self.0))
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

/// A text about the source of a copy, with the flags and variables that are meant.
pub(crate) fn of_source(text: &str) -> String {
    // What is set for all of a process (`AWS_REGION`) has one name.
    const OF_A_STORE: [&str; 8] = [
        "STORAGE_CONTAINER",
        "AWS_APPLICATION_CREDENTIALS",
        "OPENSHIFT_APPLICATION_CREDENTIALS",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "AZURE_APPLICATION_CREDENTIALS",
        "AZURE_STORAGE_ACCOUNT",
        "OPENSTACK_APPLICATION_CREDENTIALS",
        "ALICLOUD_APPLICATION_CREDENTIALS",
    ];
    let text = text.replace("--stor", "--source-stor");
    OF_A_STORE.iter().fold(text, |text, name| {
        let own = format!("SOURCE_{name}");
        // Some say it themselves.
        text.replace(&own, name).replace(name, &own)
    })
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
        let told = Self(hints::after(&error.to_string(), &error.hints()));
        match error {
            engine::copy::Error::Source(_) => told.of_source(),
            _ => told,
        }
    }
}

impl From<engine::verify::Error> for Error {
    fn from(error: engine::verify::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::get::Error> for Error {
    fn from(error: engine::get::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::keys::Error> for Error {
    fn from(error: engine::keys::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::drill::Error> for Error {
    fn from(error: engine::drill::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<engine::export::Error> for Error {
    fn from(error: engine::export::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::import::Error> for Error {
    fn from(error: engine::import::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::diff::Error> for Error {
    fn from(error: engine::diff::Error) -> Self {
        Self(hints::after(&error.to_string(), &error.hints()))
    }
}

impl From<engine::extract::Error> for Error {
    fn from(error: engine::extract::Error) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever had mistyped the source was told to mend the flags and the variables of the destination.
    #[test]
    fn what_is_told_of_a_source_names_its_flags_and_variables() {
        for (told, meant) in [
            (
                "correct --store-container or --storage-provider",
                "correct --source-store-container or --source-storage-provider",
            ),
            (
                "set AWS_APPLICATION_CREDENTIALS to a directory, or AWS_REGION",
                "set SOURCE_AWS_APPLICATION_CREDENTIALS to a directory, or AWS_REGION",
            ),
            (
                "set SOURCE_AZURE_STORAGE_ACCOUNT, --source-store-prefix",
                "set SOURCE_AZURE_STORAGE_ACCOUNT, --source-store-prefix",
            ),
        ] {
            assert_eq!(of_source(told), meant);
        }
    }
}
