//! The container: what it offers, asked once when the store is opened, and what the store and its
//! uploads need alike.

use azure_storage_blob::models::{
    BlobContainerClientGetPropertiesResultHeaders, BlobContainerClientListBlobsOptions,
    ListBlobsIncludeItem,
};
use futures::TryStreamExt;
use snapstore::{Capabilities, ErrorKind, ObjectId, Result, UploadLimits};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, no_such_bucket};

use crate::client::Client;
use crate::config::Settings;
use crate::credentials::Origin;
use crate::error::from_sdk;

/// Azure's limit for a block and for a blob that is written at once, less a little: 4,000 MiB.
pub(crate) const LARGEST: u64 = 4000 << 20;

/// Azure's limit of blocks.
pub(crate) const MOST_PARTS: u32 = 50_000;

/// A container that was opened.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) client: Reloading<Client>,
    pub(crate) name: String,
    pub(crate) keys: Keyspace,
    pub(crate) capabilities: Capabilities,
    pub(crate) extras: Extras,
}

impl Bucket {
    /// Asks the container what it offers; changes nothing.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let origin = Origin::find(&settings)?;
        let (name, keys) = (settings.bucket.clone(), settings.keys.clone());
        let watch = origin.watch();
        let load = move || -> LoadFuture<Client> {
            let access = origin.read();
            let client = access.and_then(|access| Client::connect(&settings, access));
            Box::pin(std::future::ready(client))
        };
        let client = Reloading::open(watch, load).await?;
        let current = client.current().await;
        let extras = ask(&current, &name).await?;
        let mut capabilities = Capabilities::default();
        capabilities.create_new = true;
        capabilities.service = Some(current.service());
        // The CRC-64 of a block, or its MD5.
        capabilities.checks_content = true;
        capabilities.retention = extras.retention;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=LARGEST,
            max_parts: MOST_PARTS,
        });
        Ok(Self {
            client,
            name,
            keys,
            capabilities,
            extras,
        })
    }

    /// The provider's name of `object`.
    pub(crate) fn name_of(&self, operation: &'static str, object: &ObjectId) -> Result<String> {
        self.capabilities.check_version(operation, object)?;
        Ok(self.keys.name(&object.key))
    }
}

/// What a listing of this container may be asked for beside names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    /// Tags can be read: not with every role, nor in accounts with a hierarchical namespace.
    pub(crate) tags: bool,
    /// Policies and legal holds of single blobs are told.
    pub(crate) retention: bool,
    /// Blobs may be retained from the moment they are written.
    pub(crate) retains: bool,
}

impl Extras {
    pub(crate) fn include(&self) -> Vec<ListBlobsIncludeItem> {
        let mut include = Vec::new();
        if self.tags {
            include.push(ListBlobsIncludeItem::Tags);
        }
        if self.retention {
            include.push(ListBlobsIncludeItem::ImmutabilityPolicy);
            include.push(ListBlobsIncludeItem::LegalHold);
        }
        include
    }
}

/// Whether the container is there, and what it offers.
///
/// Errors: `Config` for one that is not there, `Denied`.
async fn ask(client: &Client, name: &str) -> Result<Extras> {
    // First what cannot be done without.
    accepts(client, Vec::new())
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => no_such_bucket("container", name, error.message()),
            _ => error,
        })?;
    let tags = accepts(client, vec![ListBlobsIncludeItem::Tags]);
    let retention = vec![
        ListBlobsIncludeItem::ImmutabilityPolicy,
        ListBlobsIncludeItem::LegalHold,
    ];
    let (tags, retention, retains) =
        futures::join!(tags, accepts(client, retention), retains(client));
    Ok(Extras {
        tags: offered(tags)?,
        retention: offered(retention)?,
        retains: retains?,
    })
}

/// A refusal is an answer; that nobody answers is not.
fn offered(asked: Result<()>) -> Result<bool> {
    match asked {
        Ok(()) => Ok(true),
        Err(error) if error.is_retryable() => Err(error),
        Err(error) => {
            tracing::debug!("the container does not offer it: {error}");
            Ok(false)
        }
    }
}

async fn accepts(client: &Client, include: Vec<ListBlobsIncludeItem>) -> Result<()> {
    let options = BlobContainerClientListBlobsOptions {
        include: (!include.is_empty()).then_some(include),
        maxresults: Some(1),
        ..Default::default()
    };
    let pages = client.container.list_blobs(Some(options));
    let mut pages = pages.map_err(|error| from_sdk("open", error))?.into_pages();
    let first = pages.try_next().await;
    first.map(drop).map_err(|error| from_sdk("open", error))
}

/// Tokens for one container may not ask this: then it is as if it did not retain. So it is for an answer
/// that is not understood, which is told.
///
/// Errors: those that may be over soon. Not now is not never.
async fn retains(client: &Client) -> Result<bool> {
    let properties = match client.container.get_properties(None).await {
        Ok(properties) => properties,
        Err(error) => return offered(Err(from_sdk("open", error))).map(|_| false),
    };
    let by_version = properties.is_immutable_storage_with_versioning_enabled();
    let by_policy = properties.has_immutability_policy();
    match (by_version, by_policy) {
        (Ok(by_version), Ok(by_policy)) => Ok([by_version, by_policy].contains(&Some(true))),
        (Err(error), _) | (_, Err(error)) => {
            let error = from_sdk("open", error);
            tracing::warn!(
                "whether the container retains its blobs was not understood, and it is used as one \
                 that does not: {error}"
            );
            Ok(false)
        }
    }
}
