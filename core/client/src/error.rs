//! What goes wrong between us and an etcd.
//!
//! 1. The kind says what a caller does next; nobody reads messages to decide.
//! 2. The message is `what failed: why` on one line, and names the endpoint that was asked.
//! 3. What a server has said is made safe to print. No password, no token, no key ever enters it.
//! 4. An answer that is not understood is [`ErrorKind::Protocol`], never an empty answer.

use std::error::Error as StdError;
use std::fmt;

use crate::endpoint::{Endpoint, NoEndpoint};
use crate::tls_fault::TlsFault;

/// The result of whatever is asked of an etcd.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection came about, so nothing was asked. Another member, or later.
    Unreachable,
    /// The connection broke, or the member cannot answer now. What was asked may have been done.
    Unavailable,
    /// The member knows of no leader, or lost it while it was asked. Another member, or later.
    NoLeader,
    /// Only the leader does this.
    NotLeader,
    /// A learner does not do this. Another member.
    Learner,
    /// The certificate of the other side, or ours, is not accepted. A human must change it.
    Tls,
    /// The user is not known, the password is wrong, or the token is of the past.
    Unauthenticated,
    /// The user may not do this.
    PermissionDenied,
    /// The revision asked for is compacted.
    Compacted,
    /// The revision asked for has not happened, as far as this member knows.
    Future,
    /// This version of etcd does not have that.
    Unimplemented,
    /// A message is larger than one side takes.
    TooLarge,
    /// The quota of the database is used up: the alarm NOSPACE.
    NoSpace,
    /// There is no such thing (a lease, a member).
    NotFound,
    /// etcd understood and said no, for a reason that is none of the others.
    Refused,
    /// An answer that is not understood, or one that contradicts itself.
    Protocol,
    /// The configuration is invalid. A human must change it.
    Config,
}

impl ErrorKind {
    fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "no connection",
            Self::Unavailable => "not available",
            Self::NoLeader => "no leader",
            Self::NotLeader => "not the leader",
            Self::Learner => "the member is a learner",
            Self::Tls => "TLS failed",
            Self::Unauthenticated => "not authenticated",
            Self::PermissionDenied => "permission denied",
            Self::Compacted => "the revision is compacted",
            Self::Future => "the revision is in the future",
            Self::Unimplemented => "not in this version of etcd",
            Self::TooLarge => "the message is too large",
            Self::NoSpace => "the database is full",
            Self::NotFound => "not found",
            Self::Refused => "refused",
            Self::Protocol => "the answer is not understood",
            Self::Config => "invalid configuration",
        }
    }
}

/// What went wrong, in which operation, at which endpoint.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: &'static str,
    endpoint: Option<Endpoint>,
    message: String,
    tls: Option<TlsFault>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `operation` ("read keys", "watch", ...). `message` must be safe to print.
    pub fn new(kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            endpoint: None,
            message: message.into(),
            tls: None,
            source: None,
        }))
    }

    /// Names who was asked.
    #[must_use]
    pub fn at(mut self, endpoint: &Endpoint) -> Self {
        self.0.endpoint = Some(endpoint.clone());
        self
    }

    /// Says what is wrong with a certificate.
    #[must_use]
    pub fn with_tls(mut self, fault: TlsFault) -> Self {
        self.0.tls = Some(fault);
        self
    }

    /// Attaches the cause. It must hold no secret: it is printed.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// Who was asked, if anybody was.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.0.endpoint.as_ref()
    }

    /// What was said or seen.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What is wrong with a certificate, if that is it.
    pub fn tls(&self) -> Option<TlsFault> {
        self.0.tls
    }

    /// Whether the same may be asked of another member with better luck.
    pub fn is_of_the_member(&self) -> bool {
        self.is_passing() || matches!(self.kind(), ErrorKind::Tls | ErrorKind::Learner)
    }

    /// Whether the same may succeed later, with nothing changed by a human.
    pub fn is_passing(&self) -> bool {
        use ErrorKind::{NoLeader, Unavailable, Unreachable};
        matches!(self.kind(), Unreachable | Unavailable | NoLeader)
    }
}

impl From<NoEndpoint> for Error {
    fn from(error: NoEndpoint) -> Self {
        Self::new(ErrorKind::Config, "read the endpoints", error.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.operation)?;
        if let Some(endpoint) = &self.0.endpoint {
            write!(f, " at {endpoint}")?;
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
            .field("operation", &self.0.operation)
            .field("endpoint", &self.0.endpoint)
            .field("message", &self.0.message)
            .field("tls", &self.0.tls)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref();
        source.map(|source| source as &(dyn StdError + 'static))
    }
}
