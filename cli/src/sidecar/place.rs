use std::sync::Arc;

use engine::progress::Observer;
use engine::session::Session;
use tokio::sync::Mutex;

use crate::args::StoreArgs;
use crate::{progress, session};

/// The store of the backups, which is opened when it is needed first: a sidecar answers also while its store does not.
pub(super) struct Place {
    args: StoreArgs,
    observer: Arc<dyn Observer>,
    opened: Mutex<Option<Session>>,
}

impl Place {
    /// The store that the flags name. Without a provider there are no backups, as in the reference.
    pub(super) fn named(args: &StoreArgs) -> Option<Self> {
        args.is_provider_named().then(|| Self {
            args: args.clone(),
            observer: progress::observer(),
            opened: Mutex::default(),
        })
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
        *opened = Some(session.clone());
        Ok(session)
    }
}
