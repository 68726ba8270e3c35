use snapstore::Result;

use crate::asked;
use crate::client::Client;
use crate::xml::{self, Versioning};

/// Whether the bucket is known to keep no versions, and never to have kept any.
///
/// Only then does OSS heed `x-oss-forbid-overwrite` (OSS API reference, "PutObject"). A bucket that
/// may not be asked might keep them: what is not known is not promised.
pub(crate) async fn never(oss: &Client) -> Result<bool> {
    let told = asked::of_bucket(oss, "versioning", |body| {
        let versioning: Versioning = xml::parse("open", xml::VERSIONING, body)?;
        Ok(versioning.status.is_none())
    });
    Ok(told.await?.unwrap_or(false))
}
