use reqwest::Method;
use serde::Deserialize;
use snapstore::{
    Error, ErrorKind, ListPage, ListRequest, ObjectMeta, PageToken, Result, Versions, printable,
};
use snapstore_cloud::Keyspace;
use snapstore_cloud::http::odd;

use crate::client::{Call, Client};
use crate::object::{FIELDS, Generations, Resource};
use crate::staging;
use crate::versions::{Fading, with_markers};

/// Objects on one page; Google's limit.
const MOST: &str = "1000";

/// One page of the JSON API.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Names {
    /// What this is, in every answer of the API.
    kind: String,
    pub(crate) items: Vec<Resource>,
    pub(crate) next_page_token: String,
}

/// The page that `request` asks for, without the parts of uploads.
pub(crate) async fn page(
    client: &Client,
    keys: &Keyspace,
    generations: Generations,
    request: &ListRequest,
) -> Result<ListPage> {
    let versions = request.versions == Versions::All;
    if versions && generations == Generations::AreTags {
        let message = "this bucket keeps no versions";
        return Err(Error::new(ErrorKind::Unsupported, "list", message));
    }
    let (from, fading) = parse_token(request.page.as_ref())?;
    let prefix = keys.under(&request.prefix);
    let names = names(client, "list", &prefix, &from, request.versions).await?;
    for item in &names.items {
        keys.entry("list", &prefix, &item.name)?;
    }
    let more = !names.next_page_token.is_empty();
    let (mut objects, fading) = match versions {
        true => with_markers(&names.items, keys, fading, more)?,
        false => (current(&names.items, keys, generations)?, None),
    };
    objects.retain(|object| !staging::is_ours(&object.id.key));
    let next = more.then(|| token(&names.next_page_token, fading.as_ref()));
    Ok(ListPage { objects, next })
}

/// The names that begin with `prefix`, from the page `from` (empty for the first).
pub(crate) async fn names(
    client: &Client,
    operation: &'static str,
    prefix: &str,
    from: &str,
    versions: Versions,
) -> Result<Names> {
    let fields = format!("kind,nextPageToken,items({FIELDS})");
    let mut query = vec![
        ("prefix", prefix),
        ("maxResults", MOST),
        ("fields", &fields),
    ];
    if versions == Versions::All {
        query.push(("versions", "true"));
    }
    if !from.is_empty() {
        query.push(("pageToken", from));
    }
    let names: Names = client
        .json(Call {
            operation,
            method: Method::GET,
            path: &["o"],
            query: &query,
            body: None,
        })
        .await?;
    names.understood(operation)
}

impl Names {
    /// These, if they are a listing. An object of JSON with nothing known in it would be an empty one.
    fn understood(self, operation: &'static str) -> Result<Self> {
        let unsaid = self.kind.is_empty() && !self.items.is_empty();
        if self.kind == LISTING || unsaid {
            return Ok(self);
        }
        let kind = printable(&self.kind);
        Err(odd(operation, format!("it is \"{kind}\", not {LISTING}")))
    }
}

/// `kind` of a listing (JSON API, "Objects: list").
const LISTING: &str = "storage#objects";

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
fn token(next: &str, fading: Option<&Fading>) -> PageToken {
    PageToken(serde_json::json!([next, fading]).to_string())
}

fn parse_token(token: Option<&PageToken>) -> Result<(String, Option<Fading>)> {
    let Some(token) = token else {
        return Ok(Default::default());
    };
    serde_json::from_str(&token.0).map_err(|_| {
        let message = "the page token is not one of this store";
        Error::new(ErrorKind::Config, "list", message)
    })
}
