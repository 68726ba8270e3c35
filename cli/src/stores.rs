//! The providers in this build: a plain list, nothing registers itself.

use std::sync::Arc;

use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::dress;
use snapstore::{Provider, Snapstore, StoreConfig};

use crate::error::{Error, Result};

const PROVIDERS: &[Provider] = &[
    #[cfg(feature = "local")]
    snapstore_local::PROVIDER,
];

/// Opens the store of the provider called `name`; none means `Local`, as in the reference. It
/// retries, resumes and keeps deadlines; `seed` spreads the waits.
pub(crate) async fn open(name: &str, config: StoreConfig, seed: u64) -> Result<Arc<dyn Snapstore>> {
    let name = if name.is_empty() { "Local" } else { name };
    let Some(provider) = PROVIDERS.iter().find(|provider| provider.name == name) else {
        let built: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
        return Err(Error::new(format!(
            "no storage provider {name:?} in this build, which has: {}; names are matched \
             exactly, and others are built in with cargo features",
            built.join(", ")
        )));
    };
    let opened = (provider.open)(config).await;
    let store =
        opened.map_err(|error| Error::new(format!("cannot open the {name} store: {error}")))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(dress(store, &clock, seed))
}
