//! Copies that Google makes by itself ("Objects: rewrite", JSON API): as many calls as it wants, the last one has the object.

use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use snapstore::{Copied, Error, ErrorKind, Key, Original, PutMode, Result, SameContent};
use snapstore_cloud::Keyspace;
use snapstore_cloud::http::odd;

use crate::bucket::Bucket;
use crate::client::{Call, Client};
use crate::object::{FIELDS, Resource};

/// Calls for one object at the most. Google copies at least a mebibyte in each, and as a rule all of it in the first.
const MOST_CALLS: usize = 100_000;

/// The object that is copied.
struct Source {
    bucket: String,
    name: String,
    generation: String,
    size: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Rewritten {
    done: bool,
    rewrite_token: String,
    resource: Option<Resource>,
}

/// Makes `key` of the original.
pub(crate) async fn copy(
    bucket: &Arc<Bucket>,
    original: &Original,
    key: &Key,
    mode: PutMode,
) -> Result<Copied> {
    let object = &original.object;
    let version = object.id.version.as_ref();
    let generation = version.map(|version| &version.0).or(object.etag.as_ref());
    let source = Source {
        bucket: original.location.bucket.clone(),
        name: Keyspace::of(&original.location).name(&object.id.key),
        generation: generation
            .ok_or_else(|| odd("copy", "the original has no generation"))?
            .clone(),
        size: object.size,
    };
    let name = bucket.name_of("copy", key)?;
    let copy = async |client: Arc<Client>| {
        let looked = look(&client, &source).await?;
        let made = rewrite(&client, &source, &bucket.name, &name, mode).await?;
        Ok((looked, made))
    };
    let (looked, made) = bucket.client.call(Some(key), copy).await?;
    Ok(Copied {
        meta: made.describe(key, bucket.generations)?,
        content: SameContent::of(looked.crc32c, made.crc32c),
    })
}

/// What Google knows of the original.
async fn look(client: &Client, source: &Source) -> Result<Resource> {
    let fields = fields();
    let call = Call {
        operation: "copy",
        method: Method::GET,
        path: &["o", &source.name],
        query: &[("fields", &fields), ("generation", &source.generation)],
        body: None,
    };
    let found: Resource = client.json_of(&source.bucket, call).await?;
    match found.size()? == source.size {
        true => Ok(found),
        false => Err(odd("copy", "the original has another length")),
    }
}

fn fields() -> String {
    format!("{FIELDS},crc32c")
}

async fn rewrite(
    client: &Client,
    source: &Source,
    bucket: &str,
    name: &str,
    mode: PutMode,
) -> Result<Resource> {
    let fields = format!("done,rewriteToken,resource({})", fields());
    let mut token = String::new();
    for _ in 0..MOST_CALLS {
        let mut query = vec![
            ("fields", fields.as_str()),
            ("sourceGeneration", source.generation.as_str()),
        ];
        if mode == PutMode::CreateNew {
            query.push(("ifGenerationMatch", "0"));
        }
        if !token.is_empty() {
            query.push(("rewriteToken", &token));
        }
        let call = Call {
            operation: "copy",
            method: Method::POST,
            path: &["o", &source.name, "rewriteTo", "b", bucket, "o", name],
            query: &query,
            // Metadata of its own: that of the original says which upload it came from.
            body: Some(json!({"contentType": "application/octet-stream"})),
        };
        let answer: Rewritten = client.json_of(&source.bucket, call).await?;
        match (answer.done, answer.resource) {
            (true, Some(made)) => return Ok(made),
            (true, None) => return Err(odd("copy", "it is done, and has no object")),
            (false, _) if answer.rewrite_token.is_empty() => {
                return Err(odd("copy", "it is not done, and has no token"));
            }
            (false, _) => token = answer.rewrite_token,
        }
    }
    let message = "the copy does not come to its end";
    Err(Error::new(ErrorKind::Unexpected, "copy", message))
}
