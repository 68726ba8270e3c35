//! What the operator has said of the store: flags and the environment, but no credentials.

use azure_core::http::Url;
use snapstore::{EndpointUrl, Environment, Error, ErrorKind, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

/// Where accounts of Azure's public cloud are.
pub(crate) const PUBLIC: &str = "blob.core.windows.net";

/// What the operator has said of the store, read once when it is opened.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The container's name.
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    pub(crate) environment: Environment,
    endpoint: Option<String>,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        Ok(Self {
            bucket: container(config)?,
            keys: Keyspace::new(&config.prefix)?,
            environment: config.environment.clone(),
            endpoint: config.endpoint()?.map(str::to_owned),
        })
    }

    /// The endpoint given instead of the account's own.
    pub(crate) fn endpoint(&self) -> Result<Option<Url>> {
        self.endpoint.as_deref().map(parse).transpose()
    }

    /// The address of the container below `endpoint`, whose query, a SAS token, is kept.
    pub(crate) fn address(&self, mut endpoint: Url) -> Result<Url> {
        if let Ok(mut segments) = endpoint.path_segments_mut() {
            segments.pop_if_empty().push(&self.bucket);
        }
        Ok(endpoint)
    }
}

/// The address of an account in the cloud `domain`.
///
/// Errors: `Config` for what is no name: it would lead the key's signature to another host.
pub(crate) fn of_account(account: &str, domain: &str) -> Result<Url> {
    let is_account = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !(3..=24).contains(&account.len()) || !account.chars().all(is_account) {
        return Err(wrong(
            "storageAccount is not 3 to 24 small letters and digits",
        ));
    }
    let is_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if domain.is_empty() || !domain.chars().all(is_domain) {
        return Err(wrong("domain is none"));
    }
    parse(&format!("https://{account}.{domain}"))
}

fn parse(text: &str) -> Result<Url> {
    let given = EndpointUrl::from(text);
    Url::parse(given.address()?).map_err(|_| {
        wrong(&format!(
            "the endpoint {given:?} is no address such as https://account.{PUBLIC}"
        ))
    })
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::Config, "open", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(endpoint: &str) -> Settings {
        Settings::new(&StoreConfig {
            container: "backups".into(),
            endpoint_override: Some(endpoint.into()),
            ..StoreConfig::default()
        })
        .unwrap()
    }

    #[test]
    fn the_container_follows_the_endpoint() {
        for (endpoint, address) in [
            (
                "http://127.0.0.1:1/devstoreaccount1",
                "http://127.0.0.1:1/devstoreaccount1/backups",
            ),
            (
                "https://a.blob.core.windows.net/",
                "https://a.blob.core.windows.net/backups",
            ),
        ] {
            let settings = settings(endpoint);
            let url = settings.endpoint().unwrap().unwrap();
            assert_eq!(settings.address(url.clone()).unwrap().as_str(), address);
            let mut signed = url;
            signed.set_query(Some("sig=x"));
            let signed = settings.address(signed).unwrap();
            assert_eq!(signed.as_str(), format!("{address}?sig=x"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["account", "ftp://a/"] {
            let error = settings(bad).endpoint().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
        }
    }

    #[test]
    fn an_account_is_a_name() {
        let url = of_account("mine", "blob.core.chinacloudapi.cn").unwrap();
        assert_eq!(url.as_str(), "https://mine.blob.core.chinacloudapi.cn/");
        for (account, domain) in [("a/b", PUBLIC), ("evil.com", PUBLIC), ("mine", "x/@evil")] {
            assert!(of_account(account, domain).is_err(), "{account} {domain}");
        }
    }
}
