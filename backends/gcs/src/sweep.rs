//! Leftovers of uploads whose process is gone. Nobody sees them, and everybody pays for them.

use std::collections::HashMap;
use std::time::SystemTime;

use snapstore::Result;

use crate::bucket::Bucket;
use crate::client::Client;
use crate::object::Resource;
use crate::staging::{all, place, remove};

/// Removes the uploads to which nothing has come since `idle_since`; how many.
pub(crate) async fn sweep(bucket: &Bucket, client: &Client, idle_since: SystemTime) -> Result<u64> {
    let staging = place(&bucket.keys);
    let mut uploads: HashMap<String, (SystemTime, Vec<Resource>)> = HashMap::new();
    for part in all(client, &staging).await? {
        let below = part.name.strip_prefix(&staging).unwrap_or_default();
        let Some((id, _)) = below.split_once('/') else {
            tracing::debug!(
                "left alone, since no upload of ours has made it: {:?}",
                part.name
            );
            continue;
        };
        let came = part.created()?;
        let upload = uploads.entry(id.to_owned()).or_insert((came, Vec::new()));
        upload.0 = upload.0.max(came);
        upload.1.push(part);
    }
    let mut removed = 0;
    for (newest, parts) in uploads.into_values() {
        if newest < idle_since && remove(client, parts).await? {
            removed += 1;
        }
    }
    Ok(removed)
}
