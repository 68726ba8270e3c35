use std::sync::Arc;

use snapstore::{Result, Snapstore};

/// Opens the store of a plugin. Implemented by [`export_snapstore!`](crate::export_snapstore).
pub trait Entry {
    /// `config` is a JSON object of strings, as `snapstore.h` says.
    fn open(config: &str) -> Result<Arc<dyn Snapstore>>;
}
