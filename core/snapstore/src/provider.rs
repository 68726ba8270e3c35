use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use crate::{AddressingStyle, EndpointUrl, Environment, Result, Snapstore};

/// What an operator says about a store. Parsed by the command line, which alone reads flags and
/// environment; a provider takes it as it stands.
#[derive(Debug, Clone, Default)]
pub struct StoreConfig {
    /// `--store-container`, or the `STORAGE_CONTAINER` variable.
    pub container: String,
    /// `--store-prefix`: what keys are put under. Without the version directory `v2`.
    pub prefix: String,
    /// `--store-endpoint-override`: another address than the provider's own.
    pub endpoint_override: Option<EndpointUrl>,
    /// `--store-addressing-style`: where the bucket's name stands, for providers that know two places;
    /// `None` for what the credentials say, or else suits the endpoint.
    pub addressing_style: Option<AddressingStyle>,
    /// The home directory; the local store's relative paths begin there.
    pub home: Option<PathBuf>,
    /// The working directory; the local store looks there for a relative path that begins with `./`, or is
    /// not under the home directory.
    pub working_directory: Option<PathBuf>,
    /// Where credentials are looked for.
    pub environment: Environment,
}

impl StoreConfig {
    /// The text of [`StoreConfig::endpoint_override`]; `None` also if it is empty.
    ///
    /// Errors: `Config` for one that may hold a secret.
    pub fn endpoint(&self) -> Result<Option<&str>> {
        let text = self.endpoint_override.as_ref().map(EndpointUrl::text);
        Ok(text.transpose()?.filter(|text| !text.is_empty()))
    }
}

/// The future that [`Provider::open`] returns.
pub type OpenFuture = Pin<Box<dyn Future<Output = Result<Arc<dyn Snapstore>>> + Send>>;

/// What [`Provider::open`] returns, of the store that `opening` opens.
pub fn opened<S: Snapstore + 'static>(
    opening: impl Future<Output = Result<S>> + Send + 'static,
) -> OpenFuture {
    Box::pin(async move {
        let store: Arc<dyn Snapstore> = Arc::new(opening.await?);
        Ok(store)
    })
}

/// One way to keep objects, by the name that `--storage-provider` takes.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// The name, as the reference spells it: `S3`, `GCS`, `ABS`, `Swift`, `OSS`, `Local`.
    pub name: &'static str,
    /// Opens a store.
    pub open: fn(StoreConfig) -> OpenFuture,
}
