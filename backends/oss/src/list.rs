use snapstore::{Error, Key, ListPage, ListRequest, ObjectMeta, PageToken, Result, printable};
use snapstore_cloud::document::Document;
use snapstore_cloud::http::{broken, odd};
use snapstore_cloud::{Keyspace, from_rfc3339};

use crate::client::{Call, Client};
use crate::retention::Retention;
use crate::xml::{self, Listed, Object, decoded};

/// One page of objects, by `ListObjects` as the reference asks it.
pub(crate) async fn page(
    oss: &Client,
    keys: &Keyspace,
    retention: Option<Retention>,
    request: &ListRequest,
) -> Result<ListPage> {
    let asked = keys.under(&request.prefix);
    let call = Call::bucket("list")
        .with("encoding-type", "url")
        .maybe("marker", request.page.as_ref().map(|page| page.0.clone()))
        .with("max-keys", "1000")
        .with("prefix", &asked);
    let body = oss.send(call).await?.bytes().await;
    let body = body.map_err(|error| broken("list", error))?;
    let (listed, document): (Listed, Document) = xml::read("list", xml::LISTED, &body)?;
    let more = document.flag("IsTruncated")?;
    document.echoes("Prefix", &asked)?;
    // An alias names an access point, which answers in the name of its bucket.
    if !oss.name.ends_with("-ossalias") {
        document.echoes("Name", &oss.name)?;
    }
    document.holds("Contents", listed.contents.len())?;
    let mut objects = Vec::new();
    let mut last = None;
    for object in &listed.contents {
        let name = decoded(&object.key).ok_or_else(|| wrong(&object.key, "its key"))?;
        if let Some(key) = keys.entry("list", &asked, &name)? {
            objects.push(described(object, key, retention)?);
        }
        last = Some(name);
    }
    // Left out by some when nothing is put together by a delimiter: then it is the last key.
    let said = listed.next_marker.filter(|marker| !marker.is_empty());
    let next = match said.filter(|_| more) {
        Some(marker) => Some(decoded(&marker).ok_or_else(|| wrong(&marker, "the next marker"))?),
        None => last.filter(|_| more),
    };
    if more && next.is_none() {
        return Err(odd("list", "there is more, and it does not say where"));
    }
    Ok(ListPage {
        objects,
        next: next.map(PageToken),
    })
}

/// Nothing of an entry is left out, and none is passed over: what is missing is named.
fn described(object: &Object, key: Key, retention: Option<Retention>) -> Result<ObjectMeta> {
    let missing = |what| wrong(&object.key, what);
    let modified = object.last_modified.as_deref().and_then(from_rfc3339);
    let size = object
        .size
        .as_deref()
        .and_then(|size| size.trim().parse().ok());
    Ok(ObjectMeta {
        id: key.into(),
        size: size.ok_or_else(|| missing("its size"))?,
        modified,
        etag: object.etag.clone(),
        retain_until: Retention::until(retention, modified, || missing("its time"))?,
        excluded: false,
        delete_marker: false,
    })
}

fn wrong(key: &str, what: &str) -> Error {
    let key = printable(key);
    odd(
        "list",
        format!("of \"{key}\", {what} is missing or cannot be read"),
    )
}
