use snapstore_cloud::SecretString;
use snapstore_cloud::http::Tls;

use crate::customer_key::CustomerKey;

/// Which of the providers that speak S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    S3,
    Ecs,
    Ocs,
}

impl Dialect {
    /// The name that `--storage-provider` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::Ecs => "ECS",
            Self::Ocs => "OCS",
        }
    }

    /// Whether `If-None-Match: *` is kept. S3 has it since August 2024, MinIO and Ceph too. Of the
    /// other two nobody says so, and one that ignores the header would overwrite in silence.
    pub(crate) fn creates_if_absent(self) -> bool {
        self == Self::S3
    }
}

/// Everything that a client is made of.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Another address than AWS's own.
    pub(crate) endpoint: Option<String>,
    /// `None`: what the chain of AWS finds.
    pub(crate) region: Option<String>,
    pub(crate) addressing: Addressing,
    pub(crate) identity: Identity,
    pub(crate) tls: Tls,
    pub(crate) customer_key: Option<CustomerKey>,
    /// Of what is sent.
    pub(crate) request_checksums: Option<Checksums>,
    /// Of what comes back.
    pub(crate) response_checksums: Option<Checksums>,
}

/// Where the bucket's name stands in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addressing {
    /// `https://bucket.host/key`
    Host,
    /// `https://host/bucket/key`, as most stores on premises want it.
    Path,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// A pair of keys, with the token of a session if they are temporary.
    Keys {
        id: String,
        secret: SecretString,
        session: Option<SecretString>,
    },
    /// A role that the token in a file may take on (STS `AssumeRoleWithWebIdentity`).
    Role { role: String, token_file: String },
    /// Whatever the machine offers, in AWS's own order.
    Chain,
}

/// When AWS's additional checksums are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checksums {
    WhenSupported,
    WhenRequired,
}

impl Settings {
    /// What was chosen, else AWS's default for AWS itself. Many others answer 400 or 501 to
    /// checksums that they do not know: there only where an operation demands one.
    pub(crate) fn checksums(&self, chosen: Option<Checksums>) -> Checksums {
        chosen.unwrap_or(match self.endpoint {
            None => Checksums::WhenSupported,
            Some(_) => Checksums::WhenRequired,
        })
    }
}
