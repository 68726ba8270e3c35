//! The bucket: what it can do, asked once when the store is opened, and what the store and its
//! uploads need alike.

use reqwest::Method;
use serde::Deserialize;
use snapstore::{Capabilities, Error, ErrorKind, Key, ObjectId, Result, UploadLimits};
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, no_such_bucket};

use crate::client::{Call, Client};
use crate::config::Settings;
use crate::credentials::Origin;
use crate::object::Generations;
use crate::staging;

/// As with other providers; three levels of compositions would take 32,768.
pub(crate) const MOST_PARTS: u32 = 10_000;

/// A bucket that was opened.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) client: Reloading<Client>,
    pub(crate) name: String,
    pub(crate) keys: Keyspace,
    pub(crate) capabilities: Capabilities,
    pub(crate) generations: Generations,
}

impl Bucket {
    /// Asks the bucket what it can do; changes nothing.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let origin = Origin::find(&settings)?;
        let (name, keys) = (settings.bucket.clone(), settings.keys.clone());
        let watch = origin.watch();
        let load = move || -> LoadFuture<Client> {
            let (settings, origin) = (settings.clone(), origin.clone());
            Box::pin(async move { Client::connect(&settings, &origin).await })
        };
        let client = Reloading::open(watch, load).await?;
        let current = client.current().await;
        let generations = ask(&current, &name).await?;
        let mut capabilities = Capabilities::default();
        capabilities.create_new = true;
        capabilities.service = Some(current.service.clone());
        // A CRC32C goes ahead of each body.
        capabilities.checks_content = true;
        capabilities.retention = true;
        capabilities.versions = generations == Generations::AreVersions;
        capabilities.uploads = Some(UploadLimits {
            part_size: 1..=(5 << 40) / u64::from(MOST_PARTS),
            max_parts: MOST_PARTS,
        });
        Ok(Self {
            client,
            name,
            keys,
            capabilities,
            generations,
        })
    }

    /// The provider's name for `key`.
    pub(crate) fn name_of(&self, operation: &'static str, key: &Key) -> Result<String> {
        if staging::is_ours(key) {
            let message = "names of this kind are the store's own, for uploads";
            return Err(Error::new(ErrorKind::Config, operation, message).with_key(key));
        }
        Ok(self.keys.name(key))
    }

    /// The provider's name of `object`, and its generation if one is asked for.
    pub(crate) fn address(
        &self,
        operation: &'static str,
        object: &ObjectId,
    ) -> Result<(String, Option<String>)> {
        let name = self.name_of(operation, &object.key)?;
        let Some(version) = &object.version else {
            return Ok((name, None));
        };
        self.capabilities.check_version(operation, object)?;
        match version.0.parse::<i64>() {
            Ok(_) => Ok((name, Some(version.0.clone()))),
            Err(_) => {
                let error = Error::new(ErrorKind::NotFound, operation, "no such version");
                Err(error.with_key(&object.key))
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Facts {
    versioning: Versioning,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Versioning {
    enabled: bool,
}

/// What the bucket can do; whether it is there at all.
async fn ask(client: &Client, bucket: &str) -> Result<Generations> {
    let call = |path, query| Call {
        operation: "open",
        method: Method::GET,
        path,
        query,
        body: None,
    };
    let asked: Result<Facts> = client.json(call(&[], &[("fields", "versioning")])).await;
    let asked = match asked {
        // Roles for objects alone may not look at the bucket. A listing tells whether it is there.
        Err(error) if error.kind() == ErrorKind::Denied => {
            let listed = client.send(call(&["o"], &[("maxResults", "1")])).await;
            listed.map(|_| Facts::default())
        }
        other => other,
    };
    match asked {
        Ok(facts) if facts.versioning.enabled => Ok(Generations::AreVersions),
        Ok(_) => Ok(Generations::AreTags),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(no_such_bucket("bucket", bucket, error.message()))
        }
        Err(error) => Err(error),
    }
}
