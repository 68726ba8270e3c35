use std::fmt;

/// The result of asking Kubernetes.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// This is no pod, or what a pod is given cannot be read.
    NoCluster,
    /// No answer came, or one that says to try again.
    Unreachable,
    /// Nobody who holds this token may do that, or the token counts no more.
    Denied,
    /// There is no such lease.
    NotFound,
    /// Somebody else has changed the lease since it was read.
    Conflict,
    /// An answer that is not understood.
    Odd,
}

/// A call that failed.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self {
            kind,
            message: message.to_string(),
        }
    }

    /// Of a snapshot whose name does not say what a lease needs.
    pub fn unclear(snapshot: &str) -> Self {
        let message = format!("{snapshot} does not tell its revision and time");
        Self::new(ErrorKind::Odd, message)
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
