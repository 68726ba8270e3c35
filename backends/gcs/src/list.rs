use snapstore::{Error, ErrorKind, ListPage, ListRequest, ObjectMeta, PageToken, Result, Versions};
use snapstore_cloud::Keyspace;

use crate::client::Client;
use crate::object::{Generations, Resource};
use crate::pages::names;
use crate::staging;
use crate::versions::{NonCurrentSoFar, with_markers};

/// The page that `request` asks for, without the parts of uploads.
pub(crate) async fn page(
    client: &Client,
    keys: &Keyspace,
    generations: Generations,
    request: &ListRequest,
) -> Result<ListPage> {
    let versions = request.versions == Versions::All;
    let (from, non_current) = parse_token(request.page.as_ref())?;
    let prefix = keys.under(&request.prefix);
    let names = names(client, "list", &prefix, &from, request.versions).await?;
    for item in &names.items {
        keys.entry("list", &prefix, &item.name)?;
    }
    let more = !names.next_page_token.is_empty();
    let (mut objects, non_current) = match versions {
        true => with_markers(&names.items, keys, non_current, more)?,
        false => (current(&names.items, keys, generations)?, None),
    };
    objects.retain(|object| !staging::is_ours(&object.id.key));
    let next = more.then(|| token(&names.next_page_token, non_current.as_ref()));
    Ok(ListPage { objects, next })
}

fn current(
    items: &[Resource],
    keys: &Keyspace,
    generations: Generations,
) -> Result<Vec<ObjectMeta>> {
    let known = items.iter().filter_map(|item| {
        let key = keys.key(&item.name)?;
        Some(item.describe(&key, generations))
    });
    known.collect()
}

/// Google's token, and what the next page must know of this one.
fn token(next: &str, non_current: Option<&NonCurrentSoFar>) -> PageToken {
    PageToken(serde_json::json!([next, non_current]).to_string())
}

fn parse_token(token: Option<&PageToken>) -> Result<(String, Option<NonCurrentSoFar>)> {
    let Some(token) = token else {
        return Ok(Default::default());
    };
    serde_json::from_str(&token.0).map_err(|_| {
        let message = "the page token is not one of this store";
        Error::new(ErrorKind::Config, "list", message)
    })
}
