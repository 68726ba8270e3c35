//! The program's side: a plugin as a [`Snapstore`].

mod call;
mod convert;
mod directory;
mod guard;
mod handle;
mod leaving;
mod library;
mod options;
mod reader;
mod reply;
mod store;
mod trusted;
mod upload;

use std::path::Path;
use std::sync::Arc;

use snapstore::{Error, ErrorKind, Result, Snapstore, StoreConfig};

pub use directory::find;
pub use leaving::leave;
pub use options::Options;

/// Loads the plugin at `path` and opens a store with it. Loading is running: the file, and every
/// directory that leads to it, must be writable by root and by us alone.
///
/// Errors: `Config` for a file that is no plugin of this version, or that others may write;
/// `Unexpected` for one whose entry point does not answer within the deadline of a call. A constructor
/// that does not end in that time ends the process, with an error on standard error and exit code 1,
/// and so does SIGINT or SIGTERM while it runs: nothing else would be left of the process.
pub async fn load(
    path: &Path,
    config: &StoreConfig,
    options: Options,
) -> Result<Arc<dyn Snapstore>> {
    let (file, deadline) = (path.to_owned(), options.deadlines.call);
    let loading = tokio::task::spawn_blocking(move || library::load(&file, deadline));
    let failed = |why: String| {
        let message = format!("the plugin {}: {why}", path.display());
        Error::new(ErrorKind::Unexpected, "load", message)
    };
    let table = match tokio::time::timeout(deadline, loading).await {
        Ok(loaded) => loaded.map_err(|died| failed(died.to_string()))??,
        Err(_) => return Err(failed(format!("it was not loaded within {deadline:?}"))),
    };
    Ok(Arc::new(
        store::PluginStore::open(table, config, options).await?,
    ))
}
