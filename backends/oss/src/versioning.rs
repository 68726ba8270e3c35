use snapstore::Result;

use crate::client::{Call, Oss};
use crate::xml::{self, Versioning};

/// Whether the bucket is known to keep no versions, and never to have kept any.
///
/// Only then does OSS heed `x-oss-forbid-overwrite` (OSS API reference, "PutObject"). A bucket that
/// may not be asked might keep them: what is not known is not promised.
pub(crate) async fn never(oss: &Oss) -> Result<bool> {
    let asked = oss.send(Call::bucket("open").with("versioning", "")).await;
    let reply = match asked {
        Ok(reply) => reply,
        // Not now is not never: a store with other promises would be another one.
        Err(error) if error.is_retryable() => return Err(error),
        Err(_) => return Ok(false),
    };
    let body = reply.bytes().await;
    let body = body.map_err(|error| snapstore_cloud::http::broken("open", error))?;
    let versioning: Versioning = xml::parse("open", &body)?;
    Ok(versioning.status.is_none())
}
