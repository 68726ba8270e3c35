//! What the operator has said of the store: flags and the environment, but no credentials.

use snapstore::{EndpointUrl, Environment, Error, ErrorKind, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    /// Another address than the one beside the credentials, or Google's own.
    pub(crate) endpoint: Option<String>,
    pub(crate) environment: Environment,
}

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Scheme, host and port, without a slash at the end.
    pub(crate) base: String,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        Ok(Self {
            bucket: container(config)?,
            keys: Keyspace::new(&config.prefix)?,
            endpoint: config.endpoint()?.map(str::to_owned),
            environment: config.environment.clone(),
        })
    }
}

impl Endpoint {
    /// The path of the JSON API belongs to Go's notation of an endpoint, which the reference takes
    /// and deployments have: `https://host/storage/v1/`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let given = EndpointUrl::from(text);
        let text = given.address()?;
        let wrong = |what: &str| {
            let message = format!("the endpoint {given:?} {what}");
            Error::new(ErrorKind::Config, "open", message)
        };
        let base = text.trim_end_matches('/');
        let base = base.strip_suffix("/storage/v1").unwrap_or(base);
        let url = reqwest::Url::parse(base).map_err(|error| wrong(&format!("is none: {error}")))?;
        if url.path() != "/" {
            return Err(wrong("has more in it than a scheme, a host and a port"));
        }
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
        })
    }

    /// Google's own. A universe is a cloud of Google's make under another domain.
    pub(crate) fn of_universe(domain: &str) -> Self {
        let domain = match domain {
            "" => "googleapis.com",
            domain => domain,
        };
        Self {
            base: format!("https://storage.{domain}"),
        }
    }

    /// Without TLS there is nobody to whom a token may be sent: an emulator, as in the reference.
    pub(crate) fn is_emulator(&self) -> bool {
        self.base.starts_with("http://")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_taken_in_the_notation_of_go() {
        for (text, base) in [
            (
                "https://storage.me-central2.rep.googleapis.com/storage/v1/",
                "https://storage.me-central2.rep.googleapis.com",
            ),
            ("http://127.0.0.1:4443", "http://127.0.0.1:4443"),
            ("http://127.0.0.1:4443/\n", "http://127.0.0.1:4443"),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().base, base);
        }
        assert!(Endpoint::parse("http://fake").unwrap().is_emulator());
        assert!(!Endpoint::of_universe("").is_emulator());
        for bad in ["storage", "ftp://host", "https://u:p@host", "https://h/x"] {
            let error = Endpoint::parse(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
        }
    }
}
