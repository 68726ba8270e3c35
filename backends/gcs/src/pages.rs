//! Pages of a listing, as the JSON API gives them.

use reqwest::Method;
use serde::Deserialize;
use snapstore::{Result, Versions, printable};
use snapstore_cloud::http::odd;

use crate::client::{Call, Client};
use crate::object::{FIELDS, Resource};

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
        let unnamed = self.kind.is_empty() && !self.items.is_empty();
        if self.kind == LISTING || unnamed {
            return Ok(self);
        }
        let kind = printable(&self.kind);
        Err(odd(operation, format!("it is \"{kind}\", not {LISTING}")))
    }
}

/// `kind` of a listing (JSON API, "Objects: list").
const LISTING: &str = "storage#objects";
