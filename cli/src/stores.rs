//! The providers in this build: a plain list, nothing registers itself.

use std::sync::Arc;

use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::dress;
use snapstore::{Provider, Result as StoreResult, Snapstore};

use crate::args::StoreArgs;
use crate::error::{Error, Result};

const PROVIDERS: &[Provider] = &[
    #[cfg(feature = "local")]
    snapstore_local::PROVIDER,
];

/// Opens the store that the flags name; no provider means `Local`, as in the reference. It retries,
/// resumes and keeps deadlines; `seed` spreads the waits.
pub(crate) async fn open(args: &StoreArgs, seed: u64) -> Result<Arc<dyn Snapstore>> {
    let name = match args.storage_provider.as_str() {
        "" => "Local",
        name => name,
    };
    let opened = match plugin(args).await {
        Some(opened) => opened,
        None => built_in(name, args).await?,
    };
    let store =
        opened.map_err(|error| Error::new(format!("cannot open the {name} store: {error}")))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(dress(store, &clock, seed))
}

async fn built_in(name: &str, args: &StoreArgs) -> Result<StoreResult<Arc<dyn Snapstore>>> {
    let Some(provider) = PROVIDERS.iter().find(|provider| provider.name == name) else {
        let built: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
        return Err(Error::new(format!(
            "no storage provider {name:?} in this build, which has: {}; names are matched \
             exactly, and a store of your own is loaded with --plugin (docs/plugins.md)",
            built.join(", ")
        )));
    };
    Ok((provider.open)(args.config()).await)
}

#[cfg(feature = "plugins")]
async fn plugin(args: &StoreArgs) -> Option<StoreResult<Arc<dyn Snapstore>>> {
    let path = args.plugin.as_ref()?;
    let options = snapstore_plugin::Options::default();
    Some(snapstore_plugin::load(path, &args.config(), options).await)
}

#[cfg(not(feature = "plugins"))]
async fn plugin(_args: &StoreArgs) -> Option<StoreResult<Arc<dyn Snapstore>>> {
    None
}
