//! The container: whether it is there, asked when the store is opened, and what the store and its
//! uploads need alike.

use reqwest::Method;
use snapstore::{Capabilities, Error, ErrorKind, Key, ObjectId, Result, UploadLimits};
use snapstore_cloud::http::{absent, odd};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, no_such_bucket};

use crate::client::{Client, send};
use crate::config::Settings;
use crate::credentials::Origin;
use crate::layout;
use crate::object::Address;
use crate::pending_deletions::PendingDeletions;

/// A part is an object of Swift, and by default the largest one has 5 GiB.
pub(crate) const LARGEST: u64 = 5 << 30;

/// Swift has no limit; as with other providers.
pub(crate) const MOST_PARTS: u32 = 10_000;

/// A container that was opened.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) client: Reloading<Client>,
    pub(crate) name: String,
    pub(crate) keys: Keyspace,
    pub(crate) capabilities: Capabilities,
    pub(crate) pending_deletions: PendingDeletions,
}

impl Bucket {
    /// Logs in and looks for the container; changes nothing.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let origin = Origin::find(&settings)?;
        let watch = origin.watch();
        let load = move || -> LoadFuture<Client> {
            let login = origin.read();
            Box::pin(async move { Client::connect(login?).await })
        };
        let client = Reloading::open(watch, load).await?;
        let current = client.current().await;
        exists(&current, &settings.bucket).await?;
        // Swift has versions, which are containers of their own; what they hold is none of ours.
        let mut capabilities = Capabilities::default();
        // `If-None-Match: *` is sent and kept between writers one after the other. It is not atomic:
        // of 16 writers at once 13 won, on Swift 2.38.
        capabilities.create_new = false;
        capabilities.service = Some(current.service());
        // The MD5 of each object, segments too.
        capabilities.checks_content = true;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=LARGEST,
            max_parts: MOST_PARTS,
        });
        Ok(Self {
            client,
            name: settings.bucket,
            keys: settings.keys,
            capabilities,
            pending_deletions: PendingDeletions::default(),
        })
    }

    /// Refuses the name of a part, and a version.
    pub(crate) fn check(&self, operation: &'static str, object: &ObjectId) -> Result<()> {
        layout::check(operation, &object.key)?;
        self.capabilities.check_version(operation, object)
    }

    pub(crate) fn address<'a>(&'a self, name: &'a str, key: &'a Key) -> Address<'a> {
        Address {
            container: &self.name,
            name,
            key,
            keys: &self.keys,
        }
    }
}

/// What the answer to a head keeps to itself, for want of a body: the same question with a get.
async fn why(swift: &Client, container: &str) -> Option<Error> {
    let request = swift.request("open", Method::GET, container, "").ok()?;
    send("open", request.query(&[("limit", "1")])).await.err()
}

async fn exists(swift: &Client, container: &str) -> Result<()> {
    let request = swift.request("open", Method::HEAD, container, "")?;
    let told = match send("open", request).await {
        Err(error) if error.kind() == ErrorKind::Unexpected && !error.is_retryable() => {
            Err(why(swift, container).await.unwrap_or(error))
        }
        told => told,
    };
    match absent(told)? {
        // Every answer about a container has it (Object Storage API, "Show container metadata"); a page of
        // a proxy has not.
        Some(reply) if reply.headers().contains_key("x-container-object-count") => Ok(()),
        Some(reply) => {
            let what = format!(
                "{} without X-Container-Object-Count",
                reply.status().as_u16()
            );
            Err(odd("open", what))
        }
        None => Err(no_such_bucket("container", container, "")),
    }
}
