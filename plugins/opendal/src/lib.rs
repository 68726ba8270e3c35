//! Every store that Apache OpenDAL knows, as a plugin of etcdbrctl.
//!
//! `OPENDAL_CONFIG` names a file of JSON that says which service it is and how it is reached;
//! `--store-container` and `--store-prefix` say where in it. docs/plugins.md has the story.

mod bucket;
mod config;
mod described;
mod error;
mod list;
mod place;
mod publish;
mod read;
mod secrets;
mod service;
mod store;
mod sweep;
mod upload;

use std::sync::Arc;

use snapstore::{Result, Snapstore};

use crate::config::{Described, Settings};
use crate::store::OpendalStore;

snapstore_plugin::export_snapstore!(open);

/// Opens the store that the host's `config` and the file of `OPENDAL_CONFIG` describe.
///
/// Errors: `Config`.
pub fn open(config: &str) -> Result<Arc<dyn Snapstore>> {
    opened(config, Described::read()?)
}

/// The same, of the text of such a file.
///
/// Errors: `Config`.
pub fn open_described(config: &str, file: &str) -> Result<Arc<dyn Snapstore>> {
    opened(config, Described::parse("the description", file)?)
}

fn opened(config: &str, described: Described) -> Result<Arc<dyn Snapstore>> {
    let settings = Settings::new(config, described)?;
    Ok(Arc::new(OpendalStore::open(settings)?))
}
