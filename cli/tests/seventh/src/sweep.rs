use std::time::SystemTime;

use snapstore::Result;

use crate::bucket::Bucket;
use crate::client::Client;
use crate::error::from_sdk;

/// Aborts the uploads under the store's prefix to which nothing has come since `idle_since`.
pub(crate) fn sweep(bucket: &Bucket, client: &Client, idle_since: SystemTime) -> Result<u64> {
    let pending = client.0.pending(&bucket.name, &bucket.keys.under(""));
    let pending = pending.map_err(|fault| from_sdk("sweep", fault))?;
    let idle: Vec<_> = pending
        .iter()
        .filter(|(_, last)| *last < idle_since)
        .collect();
    idle.iter().for_each(|(id, _)| client.0.abort(*id));
    Ok(idle.len() as u64)
}
