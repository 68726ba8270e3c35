use azure_storage_blob::models::{BlobContainerClientListBlobsOptions, ListBlobsResponse};
use futures::TryStreamExt;
use snapstore::{Error, ListPage, ListRequest, ObjectMeta, PageToken, Result, printable};
use snapstore_cloud::document::{Document, undated};
use snapstore_cloud::http::odd;
use snapstore_cloud::{Keyspace, from_http_date};

use crate::bucket::Extras;
use crate::client::Client;
use crate::error::from_sdk;
use crate::object::Facts;

/// Blobs on one page. Azure would send 5,000, with all that is asked for beside their names.
const MOST: i32 = 1000;

/// The page that `request` asks for.
pub(crate) async fn page(
    client: &Client,
    keys: &Keyspace,
    extras: &Extras,
    request: &ListRequest,
) -> Result<ListPage> {
    let include = extras.include();
    let prefix = keys.under(&request.prefix);
    let options = BlobContainerClientListBlobsOptions {
        include: (!include.is_empty()).then_some(include),
        marker: request.page.as_ref().map(|page| page.0.clone()),
        maxresults: Some(MOST),
        prefix: Some(prefix.clone()).filter(|prefix| !prefix.is_empty()),
        ..Default::default()
    };
    let failed = |error| from_sdk("list", error);
    let mut pages = client
        .container
        .list_blobs(Some(options))
        .map_err(failed)?
        .into_pages();
    let Some(page) = pages.try_next().await.map_err(failed)? else {
        return Err(odd("list", "there is no page"));
    };
    let document = Document::read("list", page.body(), &["EnumerationResults"])?;
    let body = page.body().to_vec();
    let page: ListBlobsResponse = page.into_model().map_err(|error| unread(&body, error))?;
    answers(&document, client, &prefix)?;
    document.holds("Blobs/Blob", page.blob_items.len())?;
    let mut objects: Vec<ObjectMeta> = Vec::new();
    for item in &page.blob_items {
        let name = item.name.as_deref();
        let name = name.ok_or_else(|| odd("list", "a blob has no name"))?;
        if let Some(key) = keys.entry("list", &prefix, name)? {
            objects.push(Facts::of(item).describe("list", &key)?);
        }
    }
    let next = page.next_marker.filter(|marker| !marker.is_empty());
    Ok(ListPage {
        objects,
        next: next.map(PageToken),
    })
}

/// Why a listing could not be read. The SDK says of a time only that it is none, not of which entry.
fn unread(body: &[u8], error: azure_core::Error) -> Error {
    let body = String::from_utf8_lossy(body);
    let fine = |time: &str| from_http_date(time).is_some();
    match undated(&body, ("Name", "Last-Modified"), fine) {
        Some(name) => {
            let name = printable(name);
            odd(
                "list",
                format!("the blob \"{name}\" has no time that can be read"),
            )
        }
        None => from_sdk("list", error),
    }
}

/// The document must be about this container and prefix, and say whether it goes on: `NextMarker` is
/// there on the last page too, empty ("List Blobs", Response body).
fn answers(document: &Document, client: &Client, prefix: &str) -> Result<()> {
    document.echoes("Prefix", prefix)?;
    if document.count("NextMarker") != 1 {
        return Err(odd("list", "it does not say whether there is more"));
    }
    match document.attribute("ContainerName") {
        Some(told) => {
            // Older services told the whole address here.
            let told = told.trim_end_matches('/');
            let told = told.rsplit('/').next().unwrap_or(told);
            document.agrees("ContainerName", told, &client.name)
        }
        None => Ok(()),
    }
}
