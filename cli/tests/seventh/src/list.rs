use snapstore::{ListPage, ListRequest, PageToken, Result};

use crate::bucket::Bucket;
use crate::client::Client;
use crate::error::from_sdk;
use crate::read::described;

/// One page of objects.
pub(crate) fn page(bucket: &Bucket, client: &Client, request: &ListRequest) -> Result<ListPage> {
    let prefix = bucket.keys.under(&request.prefix);
    let after = request.page.as_ref().map_or("", |page| page.0.as_str());
    let found = client.0.list(&bucket.name, &prefix, after);
    let found = found.map_err(|fault| from_sdk("list", fault))?;
    let mut objects = Vec::new();
    for (name, blob) in &found.blobs {
        let key = bucket.keys.entry("list", &prefix, name)?;
        objects.extend(key.map(|key| described(&key, blob)));
    }
    let next = found.next.map(PageToken);
    Ok(ListPage { objects, next })
}
