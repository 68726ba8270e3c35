//! Requests to the API, and what its answers say.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use snapstore_cloud::http::words;

use crate::error::{Error, ErrorKind, Result};

/// A lease has some hundred bytes, and its managed fields as many again.
const LONGEST: usize = 1 << 20;

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Request<'a> {
    Get,
    Patch(&'a Value),
}

impl Request<'_> {
    fn verb(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Patch(_) => "patch",
        }
    }
}

/// What the API says where it refuses (k8s.io/apimachinery/pkg/apis/meta/v1, `Status`).
#[derive(Deserialize)]
struct Status {
    kind: String,
    message: String,
}

/// Sends it to `url`, and gives the body of the answer.
pub(crate) async fn send(
    client: &Client,
    (url, token): (&str, &str),
    request: Request<'_>,
) -> Result<Vec<u8>> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| Error::new(ErrorKind::NoCluster, "the token is no text for a header"))?;
    bearer.set_sensitive(true);
    let asked = match request {
        Request::Get => client.get(url),
        Request::Patch(patch) => client
            .patch(url)
            .header(CONTENT_TYPE, "application/merge-patch+json")
            .body(patch.to_string()),
    };
    let asked = asked
        .header(AUTHORIZATION, bearer)
        .header(ACCEPT, "application/json");
    let silent = |error: reqwest::Error| {
        let why = words(&error.without_url());
        Error::new(
            ErrorKind::Unreachable,
            format!("no answer from {url}: {why}"),
        )
    };
    let mut answer = asked.send().await.map_err(silent)?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(silent)? {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST {
            let message = format!("the answer from {url} is longer than {LONGEST} bytes");
            return Err(Error::new(ErrorKind::Odd, message));
        }
    }
    match status {
        StatusCode::OK => Ok(body),
        _ => Err(refused((url, request.verb()), status, &body)),
    }
}

fn refused((url, verb): (&str, &str), status: StatusCode, body: &[u8]) -> Error {
    let said = serde_json::from_slice::<Status>(body).ok();
    let said = said.filter(|said| said.kind == "Status");
    let why = match &said {
        Some(said) => said.message.clone(),
        // A proxy, or something else that listens there.
        None => String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned(),
    };
    let kind = match (status, &said) {
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => ErrorKind::Denied,
        (StatusCode::NOT_FOUND, Some(_)) => ErrorKind::NotFound,
        (StatusCode::CONFLICT, Some(_)) => ErrorKind::Conflict,
        (StatusCode::TOO_MANY_REQUESTS, _) => ErrorKind::Unreachable,
        (status, _) if status.is_server_error() => ErrorKind::Unreachable,
        _ => ErrorKind::Odd,
    };
    let remedy = match kind {
        ErrorKind::Denied if status == StatusCode::FORBIDDEN => {
            ". The Role of the service account needs the verbs get and patch on leases of coordination.k8s.io"
        }
        ErrorKind::NotFound => ". Whoever made the pod makes its leases too; none is made here",
        _ => "",
    };
    Error::new(
        kind,
        format!("{verb} {url} is refused ({status}): {why}{remedy}"),
    )
}
