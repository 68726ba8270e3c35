//! What the operator has said of the store: flags and the environment, but no credentials.

use snapstore::{Environment, Error, ErrorKind, Result, StoreConfig};
use snapstore_cloud::{Keyspace, container};

use crate::login::Interface;

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The container's name.
    pub(crate) bucket: String,
    pub(crate) keys: Keyspace,
    pub(crate) environment: Environment,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        let (bucket, keys) = (container(config)?, Keyspace::new(&config.prefix)?);
        // The catalogue says where the store is; an endpoint with a secret in it is refused all the same.
        config.endpoint()?;
        Ok(Self {
            bucket,
            keys,
            environment: config.environment.clone(),
        })
    }
    /// The region of the credentials, else that of the environment. The reference looks at the variable alone.
    pub(crate) fn region(&self, of_credentials: Option<&str>) -> Option<String> {
        let region = of_credentials.or(self.environment.get("OS_REGION_NAME"));
        region.map(str::to_owned)
    }

    /// The interface of the credentials, else that of the variables in their order.
    ///
    /// Errors: `Config` for a word that names none.
    pub(crate) fn interface(&self, of_credentials: Option<&str>) -> Result<Interface> {
        let variables = ["OS_INTERFACE", "OS_ENDPOINT_TYPE"];
        let said = of_credentials.or_else(|| {
            let mut said = variables.iter();
            said.find_map(|name| self.environment.get(name))
        });
        let Some(said) = said else {
            return Ok(Interface::Public);
        };
        Interface::parse(said).ok_or_else(|| {
            let [one, other] = variables.map(|name| self.environment.name(name));
            let what = "is none of public, internal and admin";
            let message = format!("interface of the credentials, {one} or {other} {what}");
            Error::new(ErrorKind::Config, "open", message)
        })
    }
}
