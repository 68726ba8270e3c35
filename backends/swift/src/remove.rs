use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use reqwest::header::HeaderMap;
use snapstore::{Pages, Result};
use snapstore_cloud::http::{absent, text};

use crate::client::{Swift, send};
use crate::layout::{is_part, parts_of_manifest};
use crate::list::{Entry, entries};
use crate::read::{Address, MANIFEST, head};
use crate::store::Shared;

/// Deletes sent at once.
const DELETES: usize = 8;

/// Removes an object and the parts it has: the object first, so that nobody sees it half.
pub(crate) async fn object(shared: &Shared, swift: &Swift, at: Address<'_>) -> Result<()> {
    if let Some(headers) = absent(head(swift, at, "delete").await)? {
        condemn(shared, swift, "delete", at.name, &headers).await?;
        name(swift, "delete", at.container, at.name).await?;
    }
    let condemned = &shared.condemned;
    condemned
        .remove(swift, "delete", at.container, at.name)
        .await
}

/// Notes the parts of the object at `name`, whose head this is, before it goes. Those of the
/// reference are found in the same way.
pub(crate) async fn condemn(
    shared: &Shared,
    swift: &Swift,
    operation: &'static str,
    name: &str,
    headers: &HeaderMap,
) -> Result<()> {
    let container = &shared.container;
    let named = text(headers, MANIFEST);
    if let Some(named) = named.and_then(|manifest| parts_of_manifest(container, manifest)) {
        let found = parts(swift, operation, container, &named).await?;
        let found = found.into_iter().map(|part| part.name);
        shared.condemned.note(name, found);
    }
    Ok(())
}

/// All parts directly below `parts`, which ends in `/`.
pub(crate) async fn parts(
    swift: &Swift,
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
        let below = |name: &str| {
            name.strip_prefix(parts)
                .is_some_and(|rest| !rest.contains('/'))
        };
        found.extend(
            page.into_iter()
                .filter(|entry| is_part(&entry.name) && below(&entry.name)),
        );
    }
}

/// Removes many names, several at once.
pub(crate) async fn names(
    swift: &Swift,
    operation: &'static str,
    container: &str,
    all: &[String],
) -> Result<()> {
    let deletes: Vec<_> = all
        .iter()
        .map(|one| name(swift, operation, container, one))
        .collect();
    stream::iter(deletes)
        .buffer_unordered(DELETES)
        .try_collect()
        .await
}

/// Removes one name; one that is gone is removed.
pub(crate) async fn name(
    swift: &Swift,
    operation: &'static str,
    container: &str,
    name: &str,
) -> Result<()> {
    let request = swift.request(operation, Method::DELETE, container, name)?;
    absent(send(operation, request).await).map(drop)
}
