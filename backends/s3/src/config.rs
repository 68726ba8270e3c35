//! What the operator has said of the store: flags and the environment, but no credentials.

use snapstore::{AddressingStyle, EndpointUrl, Environment, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

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

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) dialect: Dialect,
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    /// Another address than that of the credentials, or AWS's own.
    pub(crate) endpoint: Option<String>,
    /// `None`: what the credentials say, or what suits the endpoint.
    pub(crate) addressing: Option<AddressingStyle>,
    pub(crate) environment: Environment,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig, dialect: Dialect) -> Result<Self> {
        Ok(Self {
            dialect,
            bucket: container(config)?,
            keys: Keyspace::new(&config.prefix)?,
            endpoint: config.endpoint()?.map(address).transpose()?,
            addressing: config.addressing_style,
            environment: config.environment.clone(),
        })
    }
}

/// An address, without a slash at its end.
pub(crate) fn address(text: &str) -> Result<String> {
    let given = EndpointUrl::from(text);
    given
        .address()
        .map(|text| text.trim_end_matches('/').to_owned())
}

/// When AWS's additional checksums are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checksums {
    WhenSupported,
    WhenRequired,
}

/// What suits the address of a store; `None` for AWS's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suited {
    pub(crate) addressing: AddressingStyle,
    pub(crate) checksums: Checksums,
}

impl Suited {
    /// AWS wants the bucket in its host's name, and has checksums of many kinds. Elsewhere names of hosts
    /// with a bucket before them do not resolve as a rule, and many answer 400 or 501 to checksums that they
    /// do not know: those only where an operation demands one.
    pub(crate) fn to(endpoint: Option<&str>) -> Self {
        match endpoint.is_none_or(is_of_aws) {
            true => Self {
                addressing: AddressingStyle::Virtual,
                checksums: Checksums::WhenSupported,
            },
            false => Self {
                addressing: AddressingStyle::Path,
                checksums: Checksums::WhenRequired,
            },
        }
    }
}

/// Whether an address is one of AWS itself, in a region or behind a private link ("Amazon S3 endpoints
/// and quotas" in the AWS General Reference).
fn is_of_aws(endpoint: &str) -> bool {
    let host = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
        .iter()
        .any(|domain| host.ends_with(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `http://localhost:9000` and any name in a cluster failed: `bucket.localhost` was looked up, and the
    /// error did not say so.
    #[test]
    fn a_bucket_stands_in_the_path_but_at_aws() {
        let aws = Suited::to(None);
        for own in [
            "https://s3.eu-1.amazonaws.com",
            "https://bucket.vpce-1.s3.eu-1.vpce.amazonaws.com/",
            "https://s3.cn-1.amazonaws.com.cn:443",
            "https://s3.dualstack.eu-1.api.aws",
        ] {
            assert_eq!(Suited::to(Some(own)), aws, "{own}");
        }
        for other in [
            "http://localhost:9000",
            "https://minio.store.svc:9000/",
            "https://amazonaws.com.evil.example",
            "https://xamazonaws.com",
        ] {
            let suited = Suited::to(Some(other));
            assert_eq!(suited.addressing, AddressingStyle::Path, "{other}");
            assert_eq!(suited.checksums, Checksums::WhenRequired, "{other}");
        }
    }
}
