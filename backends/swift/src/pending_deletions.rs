use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use snapstore::Result;

use crate::client::Client;
use crate::layout::directory;
use crate::parts;

/// Parts that are still to be removed, by the name of the object that they belonged to.
///
/// A manifest goes before its parts, so that nobody sees a backup that lacks some. Once it is gone
/// nothing in the store says which parts were its own, and not all that lie there are: another
/// upload of the name may have begun. So they are kept here for the next attempt of the same call.
/// After the end of the process they are for [`crate::sweep`].
#[derive(Debug, Default)]
pub(crate) struct PendingDeletions(Mutex<BTreeMap<String, BTreeSet<String>>>);

impl PendingDeletions {
    /// Notes parts of what stands at `name`, before it goes.
    pub(crate) fn note(&self, name: &str, parts: impl IntoIterator<Item = String>) {
        let mut noted = self.noted();
        noted.entry(name.to_owned()).or_default().extend(parts);
    }

    /// Nothing lies there any more: what comes now belongs to others.
    pub(crate) fn forget(&self, name: &str) {
        self.noted().remove(name);
    }

    /// What lies in `parts`, which ends in `/`, is in use.
    pub(crate) fn exclude(&self, name: &str, parts: &str) {
        if let Some(noted) = self.noted().get_mut(name) {
            noted.retain(|part| directory(part) != parts);
        }
    }

    /// Removes those of `name`, which no manifest names any more.
    pub(crate) async fn remove(
        &self,
        swift: &Client,
        operation: &'static str,
        container: &str,
        name: &str,
    ) -> Result<()> {
        let parts: Vec<_> = match self.noted().get(name) {
            Some(parts) => parts.iter().cloned().collect(),
            None => return Ok(()),
        };
        parts::remove_all(swift, operation, container, &parts).await?;
        self.forget(name);
        Ok(())
    }

    fn noted(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
