use azure_storage_blob::models::{BlobContainerClientListBlobsOptions, ListBlobsResponse};
use futures::TryStreamExt;
use snapstore::{Error, ErrorKind, ListPage, ListRequest, ObjectMeta, PageToken, Result, Versions};
use snapstore_cloud::Keyspace;

use crate::client::Client;
use crate::container::Extras;
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
    if request.versions == Versions::All {
        let message = "versions of blobs are not read";
        return Err(Error::new(ErrorKind::Unsupported, "list", message));
    }
    let include = extras.include();
    let options = BlobContainerClientListBlobsOptions {
        include: (!include.is_empty()).then_some(include),
        marker: request.page.as_ref().map(|page| page.0.clone()),
        maxresults: Some(MOST),
        prefix: Some(keys.under(&request.prefix)).filter(|prefix| !prefix.is_empty()),
        ..Default::default()
    };
    let failed = |error| from_sdk("list", error);
    let mut pages = client
        .container
        .list_blobs(Some(options))
        .map_err(failed)?
        .into_pages();
    let Some(page) = pages.try_next().await.map_err(failed)? else {
        return Ok(ListPage::default());
    };
    let page: ListBlobsResponse = page.into_model().map_err(failed)?;
    let blobs = page.blob_items.iter().filter_map(|item| {
        let key = keys.key(item.name.as_deref()?)?;
        Some(Facts::of(item).describe("list", &key))
    });
    let objects: Result<Vec<ObjectMeta>> = blobs.collect();
    let next = page.next_marker.filter(|marker| !marker.is_empty());
    Ok(ListPage {
        objects: objects?,
        next: next.map(PageToken),
    })
}
