use futures::{StreamExt, TryStreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use snapstore::{Error, ErrorKind, PutMode, Result};

use crate::client::{Call, Client};
use crate::object::{FIELDS, Resource, UPLOAD};

/// Objects that one composition takes; Google's limit.
const MOST_SOURCES: usize = 32;

/// Compositions at once.
const AT_ONCE: usize = 8;

/// One generation of an object that is to become a part of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) generation: String,
    /// In bytes.
    pub(crate) length: u64,
}

fn length(sources: &[Source]) -> u64 {
    sources.iter().map(|source| source.length).sum()
}

/// What a composition makes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal<'a> {
    pub(crate) name: &'a str,
    pub(crate) mode: PutMode,
    /// The upload it belongs to.
    pub(crate) upload: &'a str,
}

/// What becomes of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sources {
    /// The store removes them with the composition, for good: neither soft delete nor versions
    /// keep them, and nobody pays for them.
    Removed,
    Kept,
}

/// Makes `goal` of `sources`, in levels of [`MOST_SOURCES`] if there are more. What is made on the
/// way stands in `directory`. Safe to repeat with the same sources.
pub(crate) async fn compose(
    client: &Client,
    sources: Vec<Source>,
    goal: Goal<'_>,
    directory: &str,
) -> Result<Resource> {
    let length = length(&sources);
    match levels(client, sources, goal, directory).await {
        // An earlier try went through to the end and removed what it was made of.
        Err(failed) => made_before(client, length, goal, failed).await,
        made => made,
    }
}

async fn levels(
    client: &Client,
    mut sources: Vec<Source>,
    goal: Goal<'_>,
    directory: &str,
) -> Result<Resource> {
    let mut level = 1;
    while sources.len() > MOST_SOURCES {
        let groups: Vec<Vec<Source>> = sources.chunks(MOST_SOURCES).map(<[_]>::to_vec).collect();
        let composing = groups
            .into_iter()
            .enumerate()
            .map(|(place, group)| async move {
                let name = format!("{directory}{}", between(level, place, &group));
                let between = Goal {
                    name: &name,
                    mode: PutMode::Overwrite,
                    ..goal
                };
                let made = once(client, &group, between).await?;
                Ok::<_, Error>(Source {
                    name,
                    generation: made.generation,
                    length: length(&group),
                })
            });
        sources = futures::stream::iter(composing)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        level += 1;
    }
    request_either(client, &sources, goal).await
}

/// One composition on the way.
async fn once(client: &Client, sources: &[Source], goal: Goal<'_>) -> Result<Resource> {
    match request_either(client, sources, goal).await {
        Err(failed) => made_before(client, length(sources), goal, failed).await,
        made => made,
    }
}

async fn request_either(client: &Client, sources: &[Source], goal: Goal<'_>) -> Result<Resource> {
    match request(client, sources, goal, Sources::Removed).await {
        // An account that may only add, or parts under a retention policy.
        Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::Immutable) => {
            request(client, sources, goal, Sources::Kept).await
        }
        other => other,
    }
}

/// What failed may be there all the same, made by an earlier composition whose reply was lost: its
/// sources are gone then, or the name is taken by ourselves. `length` is that of all sources.
async fn made_before(
    client: &Client,
    length: u64,
    goal: Goal<'_>,
    failed: Error,
) -> Result<Resource> {
    let ours = |found: &Resource| {
        let upload = found.metadata.get(UPLOAD);
        upload.is_some_and(|id| id == goal.upload) && found.size().is_ok_and(|size| size == length)
    };
    match look(client, goal.name, None).await {
        Ok(found) if ours(&found) => Ok(found),
        // Nobody knows yet: asking again will tell.
        Err(unknown) if unknown.is_retryable() => Err(unknown),
        _ => Err(failed),
    }
}

async fn request(
    client: &Client,
    sources: &[Source],
    goal: Goal<'_>,
    after: Sources,
) -> Result<Resource> {
    let parts: Vec<Value> = sources
        .iter()
        .map(|source| json!({"name": source.name, "generation": source.generation}))
        .collect();
    let mut query = vec![("fields", FIELDS)];
    if goal.mode == PutMode::CreateNew {
        query.push(("ifGenerationMatch", "0"));
    }
    client
        .json(Call {
            operation: "complete",
            method: Method::POST,
            path: &["o", goal.name, "compose"],
            query: &query,
            body: Some(json!({
                "sourceObjects": parts,
                "destination": {
                    "contentType": "application/octet-stream",
                    "metadata": {UPLOAD: goal.upload},
                },
                "deleteSourceObjects": after == Sources::Removed,
            })),
        })
        .await
}

/// What the store knows of the object `name`.
pub(crate) async fn look(
    client: &Client,
    name: &str,
    generation: Option<&str>,
) -> Result<Resource> {
    let mut query = vec![("fields", FIELDS)];
    query.extend(generation.map(|number| ("generation", number)));
    client
        .json(Call {
            operation: "head",
            method: Method::GET,
            path: &["o", name],
            query: &query,
            body: None,
        })
        .await
}

/// The name of what is composed of `group`, number `place` of its level. After what is in it, so
/// that a repetition with other parts cannot be mistaken, and after its place, so that no two of a
/// level share a name whatever their checksums are.
fn between(level: u32, place: usize, group: &[Source]) -> String {
    format!("{level}-{place:04}-{:08x}", fingerprint(group))
}

fn fingerprint(sources: &[Source]) -> u32 {
    sources.iter().fold(0, |sum, source| {
        let sum = crc32c::crc32c_append(sum, source.name.as_bytes());
        crc32c::crc32c_append(sum, source.generation.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups of one upload were told apart by 32 bits of checksum alone, and the second was
    /// written over the first: an object of the right parts in the wrong places.
    #[test]
    fn groups_never_share_a_name() {
        let part = |name: &str| Source {
            name: name.to_owned(),
            generation: "1".to_owned(),
            length: 4,
        };
        // As if their checksums met.
        let group = [part("a"), part("b")];
        assert_ne!(between(1, 0, &group), between(1, 1, &group));
        assert_ne!(between(1, 0, &group), between(2, 0, &group));
        assert_ne!(between(1, 0, &group), between(1, 0, &group[..1]));
        assert_eq!(between(1, 7, &group), between(1, 7, &group));
    }
}
