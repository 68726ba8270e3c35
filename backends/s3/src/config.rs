//! What the operator has said of the store: flags and the environment, but no credentials.
//!
//! AWS's own variables are named here and have keys in a profile of `~/.aws/config` (`profile.rs` asks for both). The
//! region is the credentials', or AWS_REGION and its like, which the SDK reads by itself (`client.rs`).

use snapstore::{AddressingStyle, EndpointUrl, Environment, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

/// The variable and the key in a profile of one setting ("AWS SDKs and Tools Reference Guide",
/// "Settings reference").
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) variable: &'static str,
    pub(crate) key: &'static str,
}

/// Whether what is sent gets a checksum.
pub(crate) const REQUESTS: Setting = Setting {
    variable: "AWS_REQUEST_CHECKSUM_CALCULATION",
    key: "request_checksum_calculation",
};

/// Whether that of what comes back is looked at.
pub(crate) const RESPONSES: Setting = Setting {
    variable: "AWS_RESPONSE_CHECKSUM_VALIDATION",
    key: "response_checksum_validation",
};

/// With a suffix for one service; the section `services` of the file has a key for it too.
pub(crate) const ENDPOINT: Setting = Setting {
    variable: "AWS_ENDPOINT_URL",
    key: "endpoint_url",
};

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

    /// The address in AWS's own variables, which counts where nothing else names one, as in AWS's tools. Read
    /// then, and not before: an address that is not needed is no error.
    ///
    /// Errors: `Config` for what is no address.
    pub(crate) fn endpoint_of_aws(&self) -> Result<Option<String>> {
        let set = |name| self.environment.of_process(name);
        let ignored = set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        if ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let named = set("AWS_ENDPOINT_URL_S3").or(set(ENDPOINT.variable));
        named.map(address).transpose()
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
