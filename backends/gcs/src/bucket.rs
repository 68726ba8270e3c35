use reqwest::Method;
use serde::Deserialize;
use snapstore::{Error, ErrorKind, Location, Result};

use crate::client::{Call, Client};
use crate::object::Generations;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Bucket {
    versioning: Versioning,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Versioning {
    enabled: bool,
}

/// What the bucket can do; whether it is there at all.
pub(crate) async fn ask(client: &Client, location: &Location) -> Result<Generations> {
    let call = |path, query| Call {
        operation: "open",
        method: Method::GET,
        path,
        query,
        body: None,
    };
    let asked: Result<Bucket> = client.json(call(&[], &[("fields", "versioning")])).await;
    let asked = match asked {
        // Roles for objects alone may not look at the bucket. A listing tells whether it is there.
        Err(error) if error.kind() == ErrorKind::Denied => {
            let listed = client.send(call(&["o"], &[("maxResults", "1")])).await;
            listed.map(|_| Bucket::default())
        }
        other => other,
    };
    match asked {
        Ok(bucket) if bucket.versioning.enabled => Ok(Generations::AreVersions),
        Ok(_) => Ok(Generations::AreTags),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format!(
                "there is no bucket {location}: make it, or correct --store-container ({})",
                error.message()
            );
            Err(Error::new(ErrorKind::NotFound, "open", message))
        }
        Err(error) => Err(error),
    }
}
