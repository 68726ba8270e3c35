use std::fmt;
use std::future::Future;
use std::sync::Arc;

use snapstore::{OpenFuture, Result, Snapstore};

/// A store to put on trial.
#[derive(Clone)]
pub struct Target {
    name: String,
    open: Arc<dyn Fn() -> OpenFuture + Send + Sync>,
}

impl Target {
    /// The store that `open` opens; called once a case.
    pub fn new<O, F>(name: impl Into<String>, open: O) -> Self
    where
        O: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Arc<dyn Snapstore>>> + Send + 'static,
    {
        Self {
            name: name.into(),
            open: Arc::new(move || Box::pin(open())),
        }
    }

    /// What its tests' names begin with.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn open(&self) -> OpenFuture {
        (self.open)()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.name).finish()
    }
}
