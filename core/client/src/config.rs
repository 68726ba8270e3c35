use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use snapstore::clock::Clock;
use snapstore::layers::Backoff;

use crate::endpoint::Endpoint;

/// Which etcd, and how to come to it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its members, one at least. One is asked as long as it answers; the next when it does not.
    pub endpoints: Vec<Endpoint>,
    /// For endpoints with TLS.
    pub tls: Tls,
    /// Who asks. Without it a client certificate may say so (its common name).
    pub login: Option<Login>,
    /// How long connections and answers may take.
    pub pace: Pace,
}

/// How connections are secured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whose certificate is accepted.
    pub trust: Trust,
    /// Our own certificate.
    pub identity: Option<Identity>,
}

/// Whose certificate is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those that the machine trusts.
    #[default]
    Machine,
    /// Those signed by a certificate of this file (PEM), and these certificates themselves; not those of
    /// the machine. Read at every connection.
    File(PathBuf),
    /// Anybody's. Only where the operator says so in so many words.
    Anybody,
}

/// The certificate that we show, and its key: files in PEM, read at every connection, so that renewed
/// ones are used from the next connection on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, and those between it and its CA.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A user of etcd and its password.
#[derive(Clone)]
pub struct Login {
    /// The user.
    pub user: String,
    /// Its password.
    pub password: SecretString,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = &self.user;
        f.debug_struct("Login")
            .field("user", user)
            .finish_non_exhaustive()
    }
}

/// How long connections and answers may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// Until an answer is there, or the first one of a stream. A defragmentation may take as long as
    /// it takes.
    pub answer: Duration,
    /// A connection in use on which nothing comes is asked for a sign of life (an HTTP/2 ping) this
    /// often. etcd ends connections that ask more than every 5 s.
    pub keepalive: Duration,
    /// A connection that gives no sign of life within this is broken.
    pub keepalive_answer: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            keepalive: Duration::from_secs(10),
            keepalive_answer: Duration::from_secs(10),
        }
    }
}

/// What is done when no member answers.
#[derive(Debug, Clone)]
pub struct Retries {
    /// How often all members are tried, and what is waited in between.
    pub backoff: Backoff,
    /// By which it is waited.
    pub clock: Arc<dyn Clock>,
    /// Spreads the waits; should differ from process to process.
    pub seed: u64,
}
