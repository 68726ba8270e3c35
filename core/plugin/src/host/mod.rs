//! The program's side: a plugin as a [`Snapstore`].

mod call;
mod directory;
mod library;
mod reader;
mod reply;
mod store;
mod upload;

use std::path::Path;
use std::sync::Arc;

use snapstore::layers::Deadlines;
use snapstore::{Result, Snapstore, StoreConfig};

pub use directory::find;

/// How a plugin is used.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Calls that may be inside the plugin at once. Each holds a thread.
    pub parallel: usize,
    /// How long calls may take, as with any other store: the plugin is told how long it will be
    /// waited for. One that takes longer fails, and its thread stays lost until the plugin returns.
    pub deadlines: Deadlines,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            parallel: 16,
            deadlines: Deadlines::default(),
        }
    }
}

/// Loads the plugin at `path` and opens a store with it. Loading is running: the file must be
/// writable by its owner alone.
///
/// Errors: `Config` for a file that is no plugin of this version, or that others may write.
pub async fn load(
    path: &Path,
    config: &StoreConfig,
    options: Options,
) -> Result<Arc<dyn Snapstore>> {
    let table = library::load(path)?;
    Ok(Arc::new(
        store::PluginStore::open(table, config, options).await?,
    ))
}
