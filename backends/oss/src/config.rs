//! What the operator has said of the store: flags and the environment, but no credentials.

use std::net::IpAddr;

use snapstore::{
    AddressingStyle, EndpointUrl, Environment, Error, ErrorKind, Result, StoreConfig, prefix,
};
use snapstore_cloud::{Keyspace, container};

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    /// Another address than that of the credentials.
    pub(crate) endpoint: Option<String>,
    /// Where the bucket's name stands; `None`: what suits the host.
    pub(crate) style: Option<AddressingStyle>,
    pub(crate) environment: Environment,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        refuse_leading_slash(&config.prefix)?;
        Ok(Self {
            bucket: container(config)?,
            keys: Keyspace::new(&config.prefix)?,
            endpoint: config.endpoint()?.map(str::to_owned),
            style: config.addressing_style,
            environment: config.environment.clone(),
        })
    }
}

/// Where the service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    scheme: String,
    /// With its port, if it has one.
    host: String,
    /// `None`: what suits the host.
    style: Option<AddressingStyle>,
}

impl Endpoint {
    /// From `https://oss-cn-hangzhou.aliyuncs.com`; without a scheme it is https.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let given = EndpointUrl::from(text);
        let text = given.text()?;
        let (scheme, host) = text.split_once("://").unwrap_or(("https", text));
        let host = host.trim_end_matches('/');
        let known = scheme == "https" || scheme == "http";
        if !known || host.is_empty() || host.contains('/') {
            let message = format!(
                "storageEndpoint {given:?} is no address of a service; it looks like \
                 https://oss-cn-hangzhou.aliyuncs.com"
            );
            return Err(Error::new(ErrorKind::Config, "open", message));
        }
        Ok(Self {
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            style: None,
        })
    }

    /// The region in its name: `cn-hangzhou` of `oss-cn-hangzhou-internal.aliyuncs.com`.
    pub(crate) fn region(&self) -> Option<&str> {
        let name = self.host.strip_prefix("oss-")?.split('.').next()?;
        Some(name.strip_suffix("-internal").unwrap_or(name))
    }

    /// Which service it is, for [`Capabilities::service`](snapstore::Capabilities::service): OSS copies within a region.
    pub(crate) fn service(&self) -> String {
        format!("oss {}://{}", self.scheme, self.host)
    }

    /// The same with the bucket's name where `style` says.
    pub(crate) fn in_style(self, style: Option<AddressingStyle>) -> Self {
        Self { style, ..self }
    }

    /// The address of a bucket, without a slash at its end. Unless it was said, a bucket is a part of
    /// the host's name, but where the host has none.
    pub(crate) fn bucket(&self, bucket: &str) -> String {
        let name = match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &self.host,
        };
        let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
        let suits = match address.is_ok() || name == "localhost" {
            true => AddressingStyle::Path,
            false => AddressingStyle::Virtual,
        };
        if self.style.unwrap_or(suits) == AddressingStyle::Path {
            format!("{}://{}/{bucket}", self.scheme, self.host)
        } else {
            format!("{}://{bucket}.{}", self.scheme, self.host)
        }
    }
}

/// OSS takes no name that begins with a slash (its reference, "Object naming"), so neither could the
/// reference have written one.
///
/// Errors: `Config` for a prefix that makes such names, before the store refuses each of them.
fn refuse_leading_slash(prefix: &str) -> Result<()> {
    let cleaned = prefix::cleaned(prefix)?;
    let Some(without) = cleaned.strip_prefix('/') else {
        return Ok(());
    };
    let message = format!(
        "--store-prefix begins with '/', and no object of OSS may; write --store-prefix {without:?}"
    );
    Err(Error::new(ErrorKind::Config, "open", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_read_from_the_services_name() {
        let region = |text: &str| Endpoint::parse(text).unwrap().region().map(str::to_owned);
        assert_eq!(
            region("oss-cn-hangzhou.aliyuncs.com").as_deref(),
            Some("cn-hangzhou")
        );
        let inner = "http://oss-eu-central-1-internal.aliyuncs.com/";
        assert_eq!(region(inner).as_deref(), Some("eu-central-1"));
        assert_eq!(region("http://127.0.0.1:19000"), None);
    }

    #[test]
    fn a_bucket_stands_before_a_name_and_after_a_number() {
        let bucket = |text: &str| Endpoint::parse(text).unwrap().bucket("b");
        assert_eq!(
            bucket("oss-cn-hangzhou.aliyuncs.com"),
            "https://b.oss-cn-hangzhou.aliyuncs.com"
        );
        assert_eq!(bucket("http://127.0.0.1:19000"), "http://127.0.0.1:19000/b");
        assert_eq!(bucket("http://[::1]:19000"), "http://[::1]:19000/b");
        assert_eq!(bucket("http://localhost"), "http://localhost/b");
        let told = Endpoint::parse("http://oss.local").unwrap();
        let told = told.in_style(Some(AddressingStyle::Path));
        assert_eq!(told.bucket("b"), "http://oss.local/b");
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for bad in ["", "https://", "ftp://x", "https://host/bucket"] {
            assert!(Endpoint::parse(bad).is_err(), "{bad:?}");
        }
    }

    /// The slash was cut off, so that `/etcd` and `etcd` were one prefix here and two elsewhere.
    #[test]
    fn a_prefix_that_no_object_may_have_is_refused_with_what_to_write() {
        let error = refuse_leading_slash("/etcd//main/").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("\"etcd/main\""), "{error}");
        assert!(refuse_leading_slash("./etcd//main/").is_ok());
    }
}
