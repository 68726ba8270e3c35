use std::sync::Arc;

use engine::progress::Observer;
use engine::session::Session;
use server::Metrics;
use tokio::sync::Mutex;

use super::counted_store::Counted;
use crate::args::StoreArgs;
use crate::{error, opened, progress, session};

/// The store of the backups, which is opened when it is needed first: a sidecar answers also while its store does not.
pub(super) struct Place {
    args: StoreArgs,
    observer: Arc<dyn Observer>,
    metrics: Arc<Metrics>,
    opened: Mutex<Option<Session>>,
}

impl Place {
    /// The store that the flags name. Without a provider there are no backups, as in the reference.
    ///
    /// Errors: a provider that nothing brings, which no second attempt would change.
    pub(super) fn named(args: &StoreArgs, metrics: Arc<Metrics>) -> error::Result<Option<Self>> {
        if !args.is_provider_named() {
            return Ok(None);
        }
        opened::is_known(args)?;
        Ok(Some(Self {
            args: args.clone(),
            observer: progress::observer(),
            metrics,
            opened: Mutex::default(),
        }))
    }

    /// Whether it is a directory, of which nobody needs to be asked.
    pub(super) fn is_directory(&self) -> bool {
        self.args.storage_provider == "Local"
    }

    /// A session on it.
    ///
    /// Errors: one sentence for people.
    pub(super) async fn session(&self) -> Result<Session, String> {
        let mut opened = self.opened.lock().await;
        if let Some(session) = &*opened {
            return Ok(session.clone());
        }
        let session = session::open(&self.args, self.observer.clone()).await;
        let session = session.map_err(|error| error.to_string())?;
        tracing::info!("backups go to {}", session.store.location());
        let session = Session {
            store: Arc::new(Counted::new(session.store, self.metrics.clone())),
            ..session
        };
        *opened = Some(session.clone());
        Ok(session)
    }
}
