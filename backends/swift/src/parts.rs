//! The parts of large objects: found by a listing, removed by their names.

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use snapstore::{Pages, Result};
use snapstore_cloud::http::absent;

use crate::client::{Client, send};
use crate::layout::is_part;
use crate::list::{Entry, entries};

/// Deletes sent at once.
const DELETES: usize = 8;

/// All of them directly below `parts`, which ends in `/`.
pub(crate) async fn below(
    swift: &Client,
    operation: &'static str,
    container: &str,
    parts: &str,
) -> Result<Vec<Entry>> {
    let mut found: Vec<Entry> = Vec::new();
    let mut marker = String::new();
    let mut pages = Pages::new(operation);
    loop {
        let page = entries(swift, operation, container, parts, &marker).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        marker.clone_from(&last.name);
        pages.page(page.first().map(|first| first.name.as_str()), Some(&marker))?;
        let directly = |name: &str| {
            name.strip_prefix(parts)
                .is_some_and(|rest| !rest.contains('/'))
        };
        found.extend(
            page.into_iter()
                .filter(|entry| is_part(&entry.name) && directly(&entry.name)),
        );
    }
}

/// Removes many names, several at once.
pub(crate) async fn remove_all(
    swift: &Client,
    operation: &'static str,
    container: &str,
    all: &[String],
) -> Result<()> {
    let deletes: Vec<_> = all
        .iter()
        .map(|one| remove(swift, operation, container, one))
        .collect();
    stream::iter(deletes)
        .buffer_unordered(DELETES)
        .try_collect()
        .await
}

/// Removes one name; one that is gone is removed.
pub(crate) async fn remove(
    swift: &Client,
    operation: &'static str,
    container: &str,
    name: &str,
) -> Result<()> {
    let request = swift.request(operation, Method::DELETE, container, name)?;
    absent(send(operation, request).await).map(drop)
}
