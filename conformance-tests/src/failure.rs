use std::fmt;

/// What a store did that the contract does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    sentence: String,
    may_pass: bool,
}

/// How a case ended.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A sentence on what was promised and what came instead.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            may_pass: false,
        }
    }

    /// The same, because of what a call answered: where the store itself says that it may be repeated, the case may be.
    pub fn by(sentence: impl Into<String>, error: &snapstore::Error) -> Self {
        Self {
            sentence: sentence.into(),
            may_pass: error.is_retryable(),
        }
    }

    /// Whether it is a call that the store itself says may succeed when it is repeated.
    pub fn may_pass(&self) -> bool {
        self.may_pass
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<snapstore::Error> for Failure {
    fn from(error: snapstore::Error) -> Self {
        Self::by(format!("a call failed that must not: {error}"), &error)
    }
}

/// Fails the case, with a sentence, unless the condition holds.
macro_rules! ensure {
    ($holds:expr, $($sentence:tt)+) => {
        if !$holds {
            return Err($crate::Failure::new(format!($($sentence)+)));
        }
    };
}

pub(crate) use ensure;
