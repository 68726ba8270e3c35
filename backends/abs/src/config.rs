use azure_core::http::Url;
use snapstore::{Environment, Error, ErrorKind, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

/// Where accounts of Azure's public cloud are.
pub(crate) const PUBLIC: &str = "blob.core.windows.net";

/// What an operator has said, read once.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) container: String,
    pub(crate) keys: Keyspace,
    pub(crate) environment: Environment,
    /// May end in a SAS token: never shown.
    endpoint: Option<String>,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        Ok(Self {
            container: container(config)?,
            keys: Keyspace::new(&config.prefix)?,
            environment: config.environment.clone(),
            endpoint: config.endpoint_override.clone(),
        })
    }

    /// The endpoint given instead of the account's own.
    pub(crate) fn endpoint(&self) -> Result<Option<Url>> {
        self.endpoint.as_deref().map(parse).transpose()
    }

    /// The address of the container below `endpoint`, whose query is kept.
    pub(crate) fn address(&self, mut endpoint: Url) -> Result<Url> {
        if let Ok(mut segments) = endpoint.path_segments_mut() {
            segments.pop_if_empty().push(&self.container);
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
    // What follows a question mark may be a token and is not repeated.
    let shown = text.split('?').next().unwrap_or_default();
    let url = Url::parse(text.trim()).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
    url.ok_or_else(|| {
        wrong(&format!(
            "the endpoint {shown:?} is no address such as https://account.{PUBLIC}"
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
    fn the_container_stands_behind_the_endpoint() {
        for (endpoint, address) in [
            (
                "http://127.0.0.1:1/devstoreaccount1",
                "http://127.0.0.1:1/devstoreaccount1/backups",
            ),
            (
                "https://a.blob.core.windows.net/",
                "https://a.blob.core.windows.net/backups",
            ),
            (
                "https://a.b.net?sv=1&sig=x",
                "https://a.b.net/backups?sv=1&sig=x",
            ),
        ] {
            let settings = settings(endpoint);
            let url = settings.endpoint().unwrap().unwrap();
            assert_eq!(settings.address(url).unwrap().as_str(), address);
        }
    }

    #[test]
    fn a_wrong_endpoint_is_shown_without_its_token() {
        for bad in ["account?sig=hush", "ftp://a/?sig=hush", "https://u:hush@a"] {
            let error = settings(bad).endpoint().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
        }
        let error = settings("account?sig=hush").endpoint().unwrap_err();
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
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
