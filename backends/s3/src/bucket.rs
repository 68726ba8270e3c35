//! The bucket: what it can do, asked once when the store is opened, and what the store and its
//! uploads need alike.

use std::error::Error as StdError;
use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{BucketVersioningStatus, ObjectLockConfiguration};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use snapstore::{Capabilities, Error, ErrorKind, Key, ObjectId, Result, UploadLimits};
use snapstore_cloud::http::absent;
use snapstore_cloud::{Keyspace, LoadFuture, Reloading, Reply, asked, no_such_bucket};

use crate::answer::Answer;
use crate::client::Client;
use crate::config::Settings;
use crate::credentials::Origin;
use crate::error::{Failed, from_sdk, is_without_reason};
use crate::list::Listing;
use crate::read::{Address, head};
use crate::region;

/// A day, in which S3 counts retention.
const DAY: u64 = 24 * 60 * 60;

/// A bucket that was opened.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) client: Reloading<Client>,
    pub(crate) name: String,
    pub(crate) keys: Keyspace,
    pub(crate) capabilities: Capabilities,
    /// How long every new object is kept, by the bucket's own rule. An object may have another.
    retention: Option<Duration>,
}

impl Bucket {
    /// Looks at the bucket; changes nothing. A question that may not be asked (least permission) is
    /// answered "no": only that the bucket is missing or closed is an error.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let origin = Origin::find(&settings)?;
        let watch = origin.watch();
        let load = move || -> LoadFuture<Client> {
            let access = origin.read();
            Box::pin(async move { Client::connect(access?).await })
        };
        let client = Reloading::open(watch, load).await?;
        let s3 = client.current().await;
        let name = settings.bucket;
        // Side by side: a far store takes one round trip for all three.
        let (exists, versions, lock) =
            futures::join!(exists(&s3, &name), versions(&s3, &name), lock(&s3, &name));
        exists?;
        let (versions, lock) = (versions?, lock?);
        let mut capabilities = Capabilities::default();
        capabilities.create_new = settings.dialect.creates_if_absent();
        // The signature is over the hash of the body, with or without a checksum beside it.
        capabilities.checks_content = true;
        capabilities.versions = versions;
        capabilities.retention = lock.is_some();
        capabilities.service = Some(s3.service.clone());
        // Amazon S3 User Guide, "Multipart upload limits".
        capabilities.uploads = Some(UploadLimits {
            part_size: (5 << 20)..=(5 << 30),
            max_parts: 10_000,
        });
        Ok(Self {
            client,
            name,
            keys: settings.keys,
            capabilities,
            retention: lock.flatten(),
        })
    }

    pub(crate) fn address<'a>(&'a self, name: &'a str, id: &'a ObjectId) -> Address<'a> {
        Address {
            bucket: &self.name,
            name,
            id,
            versions: self.capabilities.versions,
            listing: self.listing(),
        }
    }

    pub(crate) fn listing(&self) -> Listing<'_> {
        Listing {
            bucket: &self.name,
            keys: &self.keys,
            retention: self.retention,
        }
    }

    /// For a store that cannot decide it by itself: looks first.
    pub(crate) async fn refuse_taken(
        &self,
        s3: &Client,
        operation: &'static str,
        key: &Key,
        name: &str,
    ) -> Result<()> {
        let id = ObjectId::from(key.clone());
        match absent(head(s3, self.address(name, &id), operation).await)? {
            Some(_) => Err(Error::new(ErrorKind::AlreadyExists, operation, "").with_key(key)),
            None => Ok(()),
        }
    }
}

async fn exists(s3: &Client, bucket: &str) -> Result<()> {
    let Err(failed) = s3.sdk.head_bucket().bucket(bucket).send().await else {
        return Ok(());
    };
    let forbidden = status(&failed) == Some(403);
    warn_of_region(s3, failed.raw_response());
    let error = match is_without_reason(&failed) {
        true => why(s3, bucket)
            .await
            .unwrap_or_else(|| from_sdk("open", failed)),
        false => from_sdk("open", failed),
    };
    match error.kind() {
        ErrorKind::NotFound => Err(no_such_bucket("bucket", bucket, "")),
        // May be allowed to use the objects and not to see the bucket.
        ErrorKind::Denied if forbidden && !error.is_retryable() => Ok(()),
        _ => Err(error),
    }
}

/// What a head keeps to itself, for want of a body: why it was refused. `None` if a listing is not.
async fn why(s3: &Client, bucket: &str) -> Option<Error> {
    let asked = s3.sdk.list_objects_v2().bucket(bucket).max_keys(1);
    let failed = asked.send().await.err()?;
    let has_code = failed.code().is_some();
    let error = from_sdk("open", failed);
    // What speaks in front of S3, as that TLS is wanted, has no code.
    (has_code || error.kind() == ErrorKind::Config).then_some(error)
}

/// A refusal says where the bucket is too. That it is elsewhere need not be its cause, but may be that
/// of the next one.
fn warn_of_region(s3: &Client, refused: Option<&HttpResponse>) {
    let theirs = refused.and_then(|reply| reply.headers().get(region::HEADER));
    let ours = s3.sdk.config().region().map(AsRef::as_ref);
    if let (Some(theirs), Some(ours)) = (theirs, ours)
        && theirs != ours
    {
        tracing::warn!("the bucket is in the region {theirs:?}, and is asked for in {ours:?}");
    }
}

/// What S3 itself has answered, if it has. Who cannot say who asks (an STS that refuses) is not
/// answered, and knows nothing of the bucket.
fn status<E>(failed: &Failed<E>) -> Option<u16> {
    failed.raw_response().map(|reply| reply.status().as_u16())
}

/// A refusal that retrying does not change, as success; anything else is an error. Not now is not never: a store
/// without its versions would be another one.
fn refused_for_good<E>(failed: Failed<E>) -> Result<()>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let answered = status(&failed).is_some();
    let error = from_sdk("open", failed);
    match answered && !error.is_retryable() {
        true => Ok(()),
        false => Err(error),
    }
}

/// A query that failed: refused, the bucket has `none` of what was asked for; answered with something else,
/// it is asked again.
fn failed_query<T, E>(failed: Failed<E>, none: T) -> Result<Reply<T>>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    match status(&failed) {
        Some(status @ 200..300) => Ok(Reply::Unexpected(format!("status {status}"))),
        _ => refused_for_good(failed).map(|()| Reply::Told(none)),
    }
}

async fn versions(s3: &Client, bucket: &str) -> Result<bool> {
    let told = asked("versions", || async move {
        let answer = Answer::to("open", &["VersioningConfiguration"]);
        let asked = s3.sdk.get_bucket_versioning().bucket(bucket);
        match asked.customize().interceptor(answer).send().await {
            Ok(reply) => {
                let is_enabled = reply.status() == Some(&BucketVersioningStatus::Enabled);
                Ok(Reply::Told(is_enabled))
            }
            Err(failed) => failed_query(failed, false),
        }
    });
    Ok(told.await?.unwrap_or(false))
}

/// `None` without object lock, `Some(None)` with one that has no rule for all objects.
async fn lock(s3: &Client, bucket: &str) -> Result<Option<Option<Duration>>> {
    let told = asked("object lock", || async move {
        let answer = Answer::to("open", &["ObjectLockConfiguration"]);
        let asked = s3.sdk.get_object_lock_configuration().bucket(bucket);
        match asked.customize().interceptor(answer).send().await {
            Ok(reply) => Ok(Reply::Told(reply.object_lock_configuration.and_then(rule))),
            Err(failed) => failed_query(failed, None),
        }
    });
    Ok(told.await?.flatten())
}

fn rule(lock: ObjectLockConfiguration) -> Option<Option<Duration>> {
    lock.object_lock_enabled?;
    let rule = lock.rule.and_then(|rule| rule.default_retention);
    let days = rule.and_then(|rule| {
        let years = rule.years.map(|years| i64::from(years) * 365);
        rule.days.map(i64::from).or(years)
    });
    let days = days.and_then(|days| u64::try_from(days).ok());
    Some(days.map(|days| Duration::from_secs(days * DAY)))
}
