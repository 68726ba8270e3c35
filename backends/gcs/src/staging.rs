//! The temporary objects of uploads.

use futures::{StreamExt, TryStreamExt};
use reqwest::Method;
use snapstore::{ErrorKind, Key, Pages, Result, Versions};
use snapstore_cloud::{Keyspace, asked_for};

use crate::client::{Call, Client};
use crate::object::Resource;
use crate::pages::names;

/// Where parts of uploads wait for their completion. No listing of ours shows it. The name of the
/// object is no part of it: to the reference, a part would then look like a backup.
const STAGING: &str = ".etcdbr-uploads/";

/// Deletions at once.
const AT_ONCE: usize = 16;

/// Where all parts wait; ends in `/`.
pub(crate) fn place(keys: &Keyspace) -> String {
    keys.under(STAGING)
}

/// The directory of the upload `id`, ending in `/`.
pub(crate) fn directory(keys: &Keyspace, id: &str) -> String {
    format!("{}{id}/", place(keys))
}

/// Whether `key` would meet the parts of uploads.
pub(crate) fn is_ours(key: &Key) -> bool {
    key.as_str().starts_with(STAGING)
}

/// Removes everything below `directory`. What a retention policy protects stays, to be swept when
/// it ends.
pub(crate) async fn clear(client: &Client, directory: &str) -> Result<()> {
    let found = all(client, directory).await?;
    remove(client, found).await.map(drop)
}

/// Everything below `prefix`.
pub(crate) async fn all(client: &Client, prefix: &str) -> Result<Vec<Resource>> {
    let (mut found, mut next) = (Vec::new(), String::new());
    let mut pages = Pages::new("sweep");
    loop {
        let names = names(client, "sweep", prefix, &next, Versions::Current).await?;
        let first = names.items.first().map(|part| part.name.clone());
        // A prefix that a proxy has lost on the way must not cost anybody a backup.
        for part in names.items {
            asked_for("sweep", prefix, &part.name)?;
            found.push(part);
        }
        next = names.next_page_token;
        if next.is_empty() {
            return Ok(found);
        }
        pages.page(first.as_deref(), Some(&next))?;
    }
}

/// Whether all of them are gone now.
pub(crate) async fn remove(client: &Client, parts: Vec<Resource>) -> Result<bool> {
    let removing = parts.into_iter().map(|part| async move {
        match delete(client, "sweep", &part.name, Some(&part.generation)).await {
            Err(error) if error.kind() == ErrorKind::Immutable => Ok(false),
            other => other.map(|()| true),
        }
    });
    let gone: Vec<bool> = futures::stream::iter(removing)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(gone.into_iter().all(|gone| gone))
}

/// Deletes an object; with a generation just that, for good even where old ones are kept. What is
/// not there is deleted.
pub(crate) async fn delete(
    client: &Client,
    operation: &'static str,
    name: &str,
    generation: Option<&str>,
) -> Result<()> {
    let query = generation.map(|number| ("generation", number));
    let deleted = client
        .send(Call {
            operation,
            method: Method::DELETE,
            path: &["o", name],
            query: query.as_slice(),
            body: None,
        })
        .await;
    match deleted {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other.map(drop),
    }
}
