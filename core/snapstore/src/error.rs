//! Rules for errors in this crate and in every provider:
//!
//! 1. A kind says what the caller should *do*, not what the provider called it.
//! 2. The provider, which alone knows its own replies, decides whether a retry can help.
//! 3. The message names the operation and the key; the cause stays attached as the source.
//! 4. No secret ever enters a message: no credential, no signed URL, no authorization header.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::Key;

/// The result of every operation of a store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum ErrorKind {
    /// None of the kinds below. Report it; if [`Error::is_retryable`], try again first.
    Unexpected = 0,
    /// There is no such object (or bucket). Go on without it, or stop.
    NotFound = 1,
    /// [`crate::PutMode::CreateNew`] found an object under that key. Nothing was changed.
    AlreadyExists = 2,
    /// A retention policy or legal hold forbids it for now. Try again after it ends.
    Immutable = 3,
    /// The credentials are missing, wrong, expired or not allowed to do this.
    Denied = 4,
    /// The provider asks for fewer requests.
    RateLimited = 5,
    /// This store does not offer that capability (see [`crate::Capabilities`]).
    Unsupported = 6,
    /// The configuration is invalid. A human must change it.
    Config = 7,
    /// A checksum of the provider's says that bytes were changed on their way or where they lie. An
    /// answer that is unexpected (another length, another range, a page of a proxy) is
    /// `Unexpected` and retryable: nothing is wrong with the object.
    Corrupt = 8,
}

impl ErrorKind {
    /// The words an operator reads for this kind.
    fn words(self) -> &'static str {
        match self {
            Self::Unexpected => "failed",
            Self::NotFound => "no such object",
            Self::AlreadyExists => "already exists",
            Self::Immutable => "is protected by a retention policy",
            Self::Denied => "permission denied",
            Self::RateLimited => "the provider asks to slow down",
            Self::Unsupported => "not supported by this store",
            Self::Config => "invalid configuration",
            Self::Corrupt => "the data is damaged",
        }
    }
}

/// What went wrong, in which operation, on which object.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    retryable: bool,
    retry_after: Option<Duration>,
    operation: &'static str,
    key: Option<Key>,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `operation` ("put", "list", ...). Not retryable until said otherwise.
    pub fn new(kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            retryable: false,
            retry_after: None,
            operation,
            key: None,
            message: message.into(),
            source: None,
        }))
    }

    /// Names the object concerned.
    #[must_use]
    pub fn with_key(mut self, key: &Key) -> Self {
        self.0.key = Some(key.clone());
        self
    }

    /// Names the object concerned, unless one is named already.
    #[must_use]
    pub fn about(self, key: &Key) -> Self {
        if self.0.key.is_some() {
            self
        } else {
            self.with_key(key)
        }
    }

    /// Attaches the cause. It must hold no secret: it is printed.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says that the same call may succeed later, unchanged.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// Says that the same call may succeed later, and that the provider asks not to try before
    /// `wait` has passed (`Retry-After`).
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self.retryable()
    }

    /// How long the provider asks to be left alone, if it does.
    pub fn asked_wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may succeed later, unchanged.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The operation that failed.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The object concerned, if one was.
    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// The provider's own words.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.operation)?;
        if let Some(key) = &self.0.key {
            write!(f, " {key}")?;
        }
        write!(f, ": {}", self.0.kind.words())?;
        if !self.0.message.is_empty() {
            write!(f, ": {}", self.0.message)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("retryable", &self.0.retryable)
            .field("retry_after", &self.0.retry_after)
            .field("operation", &self.0.operation)
            .field("key", &self.0.key)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_sentence_with_the_object() {
        let key = Key::new("v2/Full-00000000-00000001-1.gz").unwrap();
        let error = Error::new(ErrorKind::Denied, "get", "403 AccessDenied").with_key(&key);
        assert_eq!(
            error.to_string(),
            "get v2/Full-00000000-00000001-1.gz: permission denied: 403 AccessDenied"
        );
    }
}
