use snapstore::{ListPage, ListRequest, ObjectMeta, PageToken, Result};
use snapstore_cloud::http::{broken, odd};
use snapstore_cloud::{Keyspace, from_rfc3339};

use crate::client::{Call, Oss};
use crate::retention::Retention;
use crate::xml::{self, Listed, Object, decoded};

/// One page of objects, by `ListObjects` as the reference asks it.
pub(crate) async fn page(
    oss: &Oss,
    keys: &Keyspace,
    retention: Option<Retention>,
    request: &ListRequest,
) -> Result<ListPage> {
    let call = Call::bucket("list")
        .with("encoding-type", "url")
        .maybe("marker", request.page.as_ref().map(|page| page.0.clone()))
        .with("max-keys", "1000")
        .with("prefix", keys.under(&request.prefix));
    let body = oss.send(call).await?.bytes().await;
    let body = body.map_err(|error| broken("list", error))?;
    let listed: Listed = xml::parse("list", &body)?;
    let last = listed.contents.last().map(|object| object.key.clone());
    let next = listed
        .next_marker
        .clone()
        .or(last)
        .filter(|_| listed.is_truncated);
    let next = next.and_then(|marker| decoded(&marker));
    if listed.is_truncated && next.is_none() {
        return Err(odd("list", "there is more, and it does not say where"));
    }
    let objects = listed.contents.iter();
    Ok(ListPage {
        objects: objects
            .filter_map(|object| described(object, keys, retention))
            .collect(),
        next: next.map(PageToken),
    })
}

fn described(object: &Object, keys: &Keyspace, retention: Option<Retention>) -> Option<ObjectMeta> {
    let modified = from_rfc3339(&object.last_modified)?;
    Some(ObjectMeta {
        id: keys.key(&decoded(&object.key)?)?.into(),
        size: object.size,
        modified,
        etag: Some(object.etag.clone()),
        retain_until: retention.and_then(|rule| rule.until(modified)),
        excluded: false,
        delete_marker: false,
    })
}
