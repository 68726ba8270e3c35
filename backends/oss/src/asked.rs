//! What a bucket is asked when it is opened.

use snapstore::Result;
use snapstore_cloud::http::broken;

use crate::client::{Call, Client};

/// How often an answer that is unexpected is asked for again.
const ATTEMPTS: u32 = 3;

/// What the bucket answers to the question `about`, as `read` reads it. `None` if it may not be asked,
/// or if its responses are unexpected: there are servers that know no such question and answer another
/// one. What is not known is not promised.
///
/// Errors: those that may be over soon. Not now is not never: a store with other promises would be
/// another one.
pub(crate) async fn of_bucket<T>(
    oss: &Client,
    about: &'static str,
    read: impl Fn(&[u8]) -> Result<T>,
) -> Result<Option<T>> {
    for _ in 0..ATTEMPTS {
        let reply = match oss.send(Call::bucket("open").with(about, "")).await {
            Ok(reply) => reply,
            Err(error) if error.is_retryable() => return Err(error),
            Err(_) => return Ok(None),
        };
        let body = reply.bytes().await.map_err(|error| broken("open", error))?;
        match read(&body) {
            Ok(told) => return Ok(Some(told)),
            Err(odd) => tracing::debug!("asked for {about}: {odd}"),
        }
    }
    tracing::warn!(
        "unexpected response to the question of {about}: the store is used as one without"
    );
    Ok(None)
}
