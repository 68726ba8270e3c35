//! Files with one key on a line, as age writes them.

use std::io;
use std::path::{Path, PathBuf};

/// Why a file with recipients or identities cannot be used. Nothing of what stands in it is told: it may be a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read {what} in {path}: {source}")]
    Read {
        /// What was looked for.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: {why}")]
    Line {
        /// Where.
        path: PathBuf,
        /// Which, from 1.
        line: usize,
        /// Why.
        why: &'static str,
    },
    /// A header has no place for so many.
    #[error("{path} holds {count} recipients, and a key can have {most}: leave some out")]
    TooMany {
        /// Where.
        path: PathBuf,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// There is none.
    #[error("{path} holds no {what}: {hint}")]
    Empty {
        /// Where.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
}

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// What a kind of file holds.
pub(super) struct Kind<T> {
    /// In the plural.
    pub(super) what: &'static str,
    /// Where such a thing comes from.
    pub(super) hint: &'static str,
    pub(super) parse: fn(&str) -> Result<T, &'static str>,
}

/// Reads a file: one on a line, empty lines and those that begin with `#` left out.
pub(super) fn read<T>(path: &Path, kind: &Kind<T>) -> Result<Vec<T>, FileError> {
    let text = text(path).map_err(|source| FileError::Read {
        what: kind.what,
        path: path.to_owned(),
        source,
    })?;
    let mut found = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let parsed = (kind.parse)(line).map_err(|why| FileError::Line {
            path: path.to_owned(),
            line: place + 1,
            why,
        })?;
        found.push(parsed);
    }
    match found.is_empty() {
        false => Ok(found),
        true => Err(FileError::Empty {
            path: path.to_owned(),
            what: kind.what,
            hint: kind.hint,
        }),
    }
}

fn text(path: &Path) -> io::Result<zeroize::Zeroizing<String>> {
    use io::Read;
    let mut text = zeroize::Zeroizing::new(String::new());
    let file = std::fs::File::open(path)?;
    if file.take(LONGEST + 1).read_to_string(&mut text)? as u64 > LONGEST {
        let why = "it is longer than 1 MiB: another file was meant";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(text)
}
