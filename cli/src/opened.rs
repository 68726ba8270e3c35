//! The store that the flags name, opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use snapstore::clock::{Clock, SystemClock};
use snapstore::layers;
use snapstore::{Result as StoreResult, Snapstore};

use crate::args::StoreArgs;
use crate::error::{Error, Result};
use crate::stores;

/// Opens the store that the flags name; no provider means `Local`, as in the reference. It retries,
/// resumes and keeps deadlines, opening included; `seed` spreads the waits.
pub(crate) async fn open(args: &StoreArgs, seed: u64) -> Result<Arc<dyn Snapstore>> {
    let name = match args.storage_provider.as_str() {
        "" => "Local",
        name => name,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let opened = match plugin(name, args) {
        Some(Err(error)) => Err(error),
        Some(Ok(path)) => layers::open(|| load(&path, args), &clock, seed).await,
        None => {
            let provider = stores::find(name);
            let provider = provider.ok_or_else(|| Error::new(stores::unknown(name)))?;
            layers::open(|| (provider.open)(args.config()), &clock, seed).await
        }
    };
    opened.map_err(|error| {
        let why = error.to_string();
        let why = why.strip_prefix("open: ").unwrap_or(&why);
        Error::new(format!("cannot open the {name} store: {why}"))
    })
}

/// Errors: nothing brings the provider that the flags name, neither this build nor a plugin.
pub(crate) fn is_known(args: &StoreArgs) -> Result<()> {
    let name = args.storage_provider.as_str();
    match (plugin(name, args), stores::find(name)) {
        (None, None) => Err(Error::new(stores::unknown(name))),
        _ => Ok(()),
    }
}

/// The plugin that the flags name, or that stands for a provider which is not built in.
#[cfg(feature = "plugins")]
fn plugin(name: &str, args: &StoreArgs) -> Option<StoreResult<PathBuf>> {
    let built_in = stores::find(name).is_some();
    match (&args.plugin, &args.plugin_dir) {
        (Some(path), _) => Some(Ok(path.clone())),
        (None, Some(dir)) if !built_in => snapstore_plugin::find(dir, name).transpose(),
        _ => None,
    }
}

#[cfg(feature = "plugins")]
async fn load(path: &Path, args: &StoreArgs) -> StoreResult<Arc<dyn Snapstore>> {
    let options = snapstore_plugin::Options::default();
    snapstore_plugin::load(path, &args.config(), options).await
}

#[cfg(not(feature = "plugins"))]
fn plugin(_name: &str, _args: &StoreArgs) -> Option<StoreResult<PathBuf>> {
    None
}

/// Nothing names a plugin in such a build.
#[cfg(not(feature = "plugins"))]
async fn load(_path: &Path, _args: &StoreArgs) -> StoreResult<Arc<dyn Snapstore>> {
    let message = "this build loads no plugins";
    Err(snapstore::Error::new(
        snapstore::ErrorKind::Unsupported,
        "open",
        message,
    ))
}
