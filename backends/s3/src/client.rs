use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_s3::Client as Sdk;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    Credentials, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use snapstore::{AddressingStyle, Error, ErrorKind, Result};
use snapstore_cloud::{ExposeSecret, http};

use crate::config::{Checksums, REQUESTS, RESPONSES, Suited};
use crate::connector::Connector;
use crate::credentials::{Access, Identity};
use crate::customer_key::CustomerKey;
use crate::profile::Asked;

/// Where no credentials of a file are named.
const NO_REGION: &str = "no region: set AWS_APPLICATION_CREDENTIALS to a directory with accessKeyID, \
                         secretAccessKey and region; or AWS_REGION, with AWS_ACCESS_KEY_ID and \
                         AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role of the machine";

/// A client of the SDK, and what belongs into each of its requests.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) sdk: Sdk,
    pub(crate) customer_key: Option<CustomerKey>,
    /// Which service it is, for [`Capabilities::service`](snapstore::Capabilities::service).
    pub(crate) service: String,
}

impl Client {
    pub(crate) async fn connect(access: Access) -> Result<Self> {
        let connector = Connector::over(http::client(&access.tls)?);
        let shared = identified(loader(&access, connector), &access).await;
        if shared.region().is_none() {
            let message = match access.identity {
                Identity::Chain => NO_REGION,
                _ => "no region: put it into the credentials, or set AWS_REGION",
            };
            return Err(Error::new(ErrorKind::Config, "open", message));
        }
        let asked = Asked::of(&shared);
        let endpoint = match access.endpoint {
            Some(endpoint) => Some(endpoint),
            None => asked.endpoint()?,
        };
        if let (Some(_), Some(endpoint)) = (&access.customer_key, &endpoint) {
            http::warn_if_clear("the customer's key (SSE-C)", endpoint);
        }
        let suited = Suited::to(endpoint.as_deref());
        let style = access.addressing.unwrap_or(suited.addressing);
        let (sent, got) = (access.request_checksums, access.response_checksums);
        let sent = sent.or(asked.checksums(REQUESTS)?);
        let got = got.or(asked.checksums(RESPONSES)?);
        let region = shared.region().map_or("", AsRef::as_ref);
        let service = service(endpoint.as_deref(), region);
        let mut built = aws_sdk_s3::config::Builder::from(&shared);
        built.set_endpoint_url(endpoint);
        let built = built
            .force_path_style(style == AddressingStyle::Path)
            .request_checksum_calculation(match sent.unwrap_or(suited.checksums) {
                Checksums::WhenSupported => RequestChecksumCalculation::WhenSupported,
                Checksums::WhenRequired => RequestChecksumCalculation::WhenRequired,
            })
            .response_checksum_validation(match got.unwrap_or(suited.checksums) {
                Checksums::WhenSupported => ResponseChecksumValidation::WhenSupported,
                Checksums::WhenRequired => ResponseChecksumValidation::WhenRequired,
            })
            .build();
        Ok(Self {
            sdk: Sdk::from_conf(built),
            customer_key: access.customer_key,
            service,
        })
    }
}

/// An address is one service; without one it is AWS, whose regions read each other but in other partitions ("Amazon
/// Resource Names", AWS General Reference).
fn service(endpoint: Option<&str>, region: &str) -> String {
    match endpoint {
        Some(endpoint) => format!("s3 {endpoint}"),
        None => {
            let apart = ["cn-", "us-gov-", "us-iso", "eusc-"];
            let partition = apart.into_iter().find(|apart| region.starts_with(apart));
            format!("s3 of AWS {}", partition.unwrap_or_default())
        }
    }
}

/// Retries, deadlines and resuming are layers above, for all stores alike: here they are off, or
/// they would multiply.
fn loader(access: &Access, connector: Connector) -> ConfigLoader {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(connector)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(region) = &access.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader
}

async fn identified(loader: ConfigLoader, access: &Access) -> SdkConfig {
    match &access.identity {
        Identity::Chain => loader.load().await,
        Identity::Keys {
            id,
            secret,
            session,
        } => {
            let session = session
                .as_ref()
                .map(|token| token.expose_secret().to_owned());
            let keys = Credentials::new(id, secret.expose_secret(), session, None, "etcdbrctl");
            loader.credentials_provider(keys).load().await
        }
        Identity::Role { role, token_file } => {
            // STS is found by the region and by AWS_ENDPOINT_URL_STS; the store's own endpoint is
            // not STS's.
            let asked = loader.load().await;
            let provider = ProviderConfig::without_region()
                .with_region(asked.region().cloned())
                .with_retry_config(RetryConfig::disabled());
            let provider = match asked.http_client() {
                Some(client) => provider.with_http_client(client),
                None => provider,
            };
            let taken = WebIdentityTokenCredentialsProvider::builder()
                .configure(&provider)
                .static_configuration(StaticConfiguration {
                    web_identity_token_file: token_file.into(),
                    role_arn: role.clone(),
                    session_name: "etcdbrctl".into(),
                })
                .build();
            let taken = aws_sdk_s3::config::SharedCredentialsProvider::new(taken);
            asked.into_builder().credentials_provider(taken).build()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::service;

    #[test]
    fn partitions_of_aws_are_services_of_their_own() {
        let of = |region| service(None, region);
        assert_eq!(of("eu-west-1"), of("us-east-2"));
        assert_ne!(of("eu-west-1"), of("cn-north-1"));
        assert_ne!(of("us-east-1"), of("us-gov-east-1"));
        let own = service(Some("http://minio:9000"), "us-east-1");
        assert_ne!(own, of("us-east-1"));
    }
}
