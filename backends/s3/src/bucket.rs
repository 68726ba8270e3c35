//! What the bucket can do, asked once when the store is opened.

use std::error::Error as StdError;
use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{BucketVersioningStatus, ObjectLockConfiguration};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use snapstore::{Capabilities, Error, ErrorKind, Result, UploadLimits};

use crate::answer::Answer;
use crate::client::S3;
use crate::config::Dialect;
use crate::error::{Failed, from_sdk, is_unsaid};
use crate::region;

/// A day, in which S3 counts retention.
const DAY: u64 = 24 * 60 * 60;

/// What was found.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) capabilities: Capabilities,
    /// How long every new object is kept, by the bucket's own rule. An object may have another.
    pub(crate) retention: Option<Duration>,
}

/// Looks at the bucket. A question that may not be asked (least permission) is answered "no":
/// only that the bucket is missing or closed is an error.
pub(crate) async fn look(s3: &S3, bucket: &str, dialect: Dialect) -> Result<Bucket> {
    // Side by side: a far store takes one round trip for all three.
    let (exists, versions, lock) =
        futures::join!(exists(s3, bucket), versions(s3, bucket), lock(s3, bucket));
    exists?;
    let (versions, lock) = (versions?, lock?);
    let mut capabilities = Capabilities::default();
    capabilities.create_new = dialect.creates_if_absent();
    capabilities.versions = versions;
    capabilities.retention = lock.is_some();
    // Amazon S3 User Guide, "Multipart upload limits".
    capabilities.uploads = Some(UploadLimits {
        part_size: (5 << 20)..=(5 << 30),
        max_parts: 10_000,
    });
    Ok(Bucket {
        capabilities,
        retention: lock.flatten(),
    })
}

async fn exists(s3: &S3, bucket: &str) -> Result<()> {
    let Err(failed) = s3.sdk.head_bucket().bucket(bucket).send().await else {
        return Ok(());
    };
    let forbidden = status(&failed) == Some(403);
    warn_of_region(s3, failed.raw_response());
    let error = match is_unsaid(&failed) {
        true => why(s3, bucket)
            .await
            .unwrap_or_else(|| from_sdk("open", failed)),
        false => from_sdk("open", failed),
    };
    match error.kind() {
        ErrorKind::NotFound => {
            let message = format!(
                "there is no bucket {bucket:?}; make it, or name another with --store-container"
            );
            Err(Error::new(ErrorKind::Config, "open", message))
        }
        // May be allowed to use the objects and not to see the bucket.
        ErrorKind::Denied if forbidden && !error.is_retryable() => Ok(()),
        _ => Err(error),
    }
}

/// What a head keeps to itself, for want of a body: why it was refused. `None` if a listing is not.
async fn why(s3: &S3, bucket: &str) -> Option<Error> {
    let asked = s3.sdk.list_objects_v2().bucket(bucket).max_keys(1);
    let failed = asked.send().await.err()?;
    let said = failed.code().is_some();
    said.then(|| from_sdk("open", failed))
}

/// A refusal says where the bucket is too. That it is elsewhere need not be its cause, but may be that
/// of the next one.
fn warn_of_region(s3: &S3, refused: Option<&HttpResponse>) {
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

/// "No" in S3's own words. Not now is not never: a store without its versions would be another one.
fn said_no<E>(failed: Failed<E>) -> Result<()>
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

/// How often an answer that is none is asked for again. Then it promises nothing: there are servers
/// that know no such question and answer another one.
const TRIES: u32 = 3;

/// Whether to go on without an answer.
fn goes_on<E>(failed: &Failed<E>, what: &str, tried: u32) -> bool {
    let no_answer = status(failed).is_some_and(|status| (200..300).contains(&status));
    if no_answer && tried == TRIES {
        tracing::warn!(
            "the store's answer to the question of {what} makes no sense: it is used as one without"
        );
    }
    no_answer
}

async fn versions(s3: &S3, bucket: &str) -> Result<bool> {
    for tried in 1..=TRIES {
        let answer = Answer::to("open", &["VersioningConfiguration"]);
        let asked = s3.sdk.get_bucket_versioning().bucket(bucket);
        match asked.customize().interceptor(answer).send().await {
            Ok(reply) => return Ok(reply.status() == Some(&BucketVersioningStatus::Enabled)),
            Err(failed) if goes_on(&failed, "versions", tried) => {}
            Err(failed) => return said_no(failed).map(|()| false),
        }
    }
    Ok(false)
}

/// `None` without object lock, `Some(None)` with one that has no rule for all objects.
async fn lock(s3: &S3, bucket: &str) -> Result<Option<Option<Duration>>> {
    for tried in 1..=TRIES {
        let answer = Answer::to("open", &["ObjectLockConfiguration"]);
        let asked = s3.sdk.get_object_lock_configuration().bucket(bucket);
        match asked.customize().interceptor(answer).send().await {
            Ok(reply) => return Ok(reply.object_lock_configuration.and_then(rule)),
            Err(failed) if goes_on(&failed, "object lock", tried) => {}
            Err(failed) => return said_no(failed).map(|()| None),
        }
    }
    Ok(None)
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
