//! What a bucket is asked when it is opened.

use snapstore::Result;
use snapstore_cloud::http::broken;
use snapstore_cloud::{Reply, asked};

use crate::client::{Call, Client};

/// What the bucket answers to the query `about`, as `read` reads it. `None` if it may not be asked,
/// or if its responses are unexpected.
///
/// Errors: those that may be over soon. Not now is not never: a store with other promises would be
/// another one.
pub(crate) async fn of_bucket<T>(
    oss: &Client,
    about: &'static str,
    read: impl Fn(&[u8]) -> Result<T> + Sync,
) -> Result<Option<T>> {
    let read = &read;
    let told = asked(about, || async move {
        let reply = match oss.send(Call::bucket("open").with(about, "")).await {
            Ok(reply) => reply,
            Err(error) if error.is_retryable() => return Err(error),
            Err(_) => return Ok(Reply::Told(None)),
        };
        let body = reply.bytes().await.map_err(|error| broken("open", error))?;
        Ok(match read(&body) {
            Ok(told) => Reply::Told(Some(told)),
            Err(odd) => Reply::Unexpected(odd.to_string()),
        })
    });
    Ok(told.await?.flatten())
}
