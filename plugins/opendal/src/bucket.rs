//! What store and uploads need alike.

use std::fmt;

use opendal::options::ListOptions;
use opendal::{Entry, Metadata, Operator};
use snapstore::{Capabilities, Error, ErrorKind, Key, ObjectId, ObjectMeta, Result, UploadLimits};

use crate::described::described;
use crate::error::{failed, is_absent};
use crate::place::Place;
use crate::service::{Appears, Service};

/// Each part is held in memory when an upload completes.
const LONGEST_PART: u64 = 1 << 30;
const MOST_PARTS: u32 = 10_000;

/// A service, and where in it the objects are.
pub(crate) struct Bucket {
    pub(crate) service: Service,
    pub(crate) place: Place,
    pub(crate) capabilities: Capabilities,
}

impl Bucket {
    pub(crate) fn new(service: Service, place: Place) -> Self {
        let mut capabilities = Capabilities::default();
        capabilities.create_new = creates_new(&service);
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=LONGEST_PART,
            max_parts: MOST_PARTS,
        });
        Self {
            service,
            place,
            capabilities,
        }
    }

    pub(crate) fn operator(&self) -> &Operator {
        &self.service.operator
    }

    /// The host's word for what OpenDAL says.
    pub(crate) fn failed(&self, operation: &'static str, error: &opendal::Error) -> Error {
        failed(&self.service.secrets, operation, error)
    }

    /// The path of an object that names no version.
    pub(crate) fn addressed(&self, operation: &'static str, object: &ObjectId) -> Result<String> {
        self.capabilities.check_version(operation, object)?;
        self.place.path(operation, &object.key)
    }

    /// What the service says of a file; `None` where there is none, or a directory.
    ///
    /// Errors: retryable, while it is being replaced by a move.
    pub(crate) async fn look(
        &self,
        operation: &'static str,
        path: &str,
    ) -> Result<Option<Metadata>> {
        let found = self.look_once(operation, path).await?;
        if found.is_some() || self.service.appears != Appears::ByMove {
            return Ok(found);
        }
        // What replaces it stands there until it has been moved.
        let arriving = self.place.replacing(path);
        let arriving = self.entries(operation, &arriving).await?;
        let found = self.look_once(operation, path).await?;
        if found.is_some() || arriving.is_empty() {
            return Ok(found);
        }
        let message = "the object is being replaced";
        Err(Error::new(ErrorKind::Unexpected, operation, message).retryable())
    }

    async fn look_once(&self, operation: &'static str, path: &str) -> Result<Option<Metadata>> {
        match self.operator().stat(path).await {
            Ok(metadata) if metadata.is_dir() => Ok(None),
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(self.failed(operation, &error)),
        }
    }

    /// What is in a directory of the service, without itself.
    pub(crate) async fn entries(
        &self,
        operation: &'static str,
        directory: &str,
    ) -> Result<Vec<Entry>> {
        let listed = self
            .operator()
            .list_options(directory, ListOptions::default());
        match listed.await {
            Ok(mut entries) => {
                entries.retain(|entry| entry.path() != directory);
                Ok(entries)
            }
            // Whoever finishes beside us takes its own away.
            Err(error) if is_absent(&error) => Ok(Vec::new()),
            Err(error) => Err(self.failed(operation, &error)),
        }
    }

    /// The object at `path`.
    ///
    /// Errors: `NotFound`.
    pub(crate) async fn head(
        &self,
        operation: &'static str,
        key: &Key,
        path: &str,
    ) -> Result<ObjectMeta> {
        let found = self.look(operation, path).await?;
        let found = found.ok_or_else(|| Error::new(ErrorKind::NotFound, operation, ""))?;
        Ok(described(key.clone(), &found))
    }

    /// Whether the container is there. OpenDAL would make one anew: a share that is not mounted would be an empty
    /// store, and backups would go where nobody looks for them.
    ///
    /// Errors: `NotFound`.
    pub(crate) async fn is_there(&self, operation: &'static str) -> Result<()> {
        // Where objects stand in no directories, they are parts of names alone.
        let stands_in = self.service.appears != Appears::AtTheEnd;
        let Some(container) = self.place.container().filter(|_| stands_in) else {
            return Ok(());
        };
        let gone = || {
            let message = format!(
                "there is no directory \"{}\" in the service {}: make it, or name another container",
                container.trim_end_matches('/'),
                self.service.name
            );
            Error::new(ErrorKind::NotFound, operation, message)
        };
        match self.operator().stat(&container).await {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => Err(gone()),
            Err(error) if is_absent(&error) => Err(gone()),
            Err(error) => Err(self.failed(operation, &error)),
        }
    }
}

/// True only if the service itself decides between two writers. OpenDAL's fs looks first.
fn creates_new(service: &Service) -> bool {
    match service.appears {
        Appears::AtTheEnd => service.can.write_with_if_not_exists,
        Appears::ByRename | Appears::ByMove => service.can.rename_with_if_not_exists,
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("service", &self.service.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
