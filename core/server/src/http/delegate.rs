//! The one way from a follower to the sidecar of the leader.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode};
use url::Url;

use super::access::token;
use super::answer::{raw_json, text};
use super::app::App;
use super::client::Secured;
use super::relayed::{Call, Relayed, relayed};
use super::target::{Reached, target};
use crate::etcd_config::Document;
use crate::settings::TriggerAccess;

/// Who bears it was sent by another sidecar, and is sent no further.
pub(super) const DELEGATED: &str = "x-etcdbr-delegated";

/// The other side is asked for a small document.
const MOST_BYTES: usize = 1024 * 1024;

/// Why there is no answer to hand on.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Nothing was sent, or it went to one that does not lead: somebody may lead soon.
    NotYet(String),
    /// The connection ended before there was an answer; what was asked for may be under way.
    Broken(String),
    /// Asking again leads to the same.
    Never(String),
}

/// Asks the sidecar beside the etcd at `leader`, once.
pub(super) async fn ask(
    app: &Arc<App>,
    leader: &str,
    call: Call,
    method: Method,
) -> Result<Response, NoAnswer> {
    let sidecar = sidecar(app, leader).await.map_err(NoAnswer::Never)?;
    let address = sidecar.join(call.path());
    let address = address.map_err(|error| NoAnswer::Never(error.to_string()))?;
    let client = client(app).await.map_err(NoAnswer::Never)?;
    let mut request = client
        .request(method, address)
        .header(DELEGATED, HeaderValue::from_static("1"));
    if let TriggerAccess::Token(path) = &app.settings.triggers {
        request = request.bearer_auth(token(path).await.map_err(NoAnswer::Never)?);
    }
    tracing::info!(%sidecar, path = call.path(), "handed to the sidecar that leads");
    let answered = request.send().await.map_err(|error| unsent(&error))?;
    let status = StatusCode::from_u16(answered.status().as_u16());
    let status = status.map_err(|error| NoAnswer::Never(error.to_string()))?;
    let body = body(answered).await?;
    match relayed(call, status, &body) {
        Relayed::Answer(StatusCode::OK) => Ok(raw_json(StatusCode::OK, Body::from(body))),
        Relayed::Answer(status) => Ok(text(
            status,
            snapstore::printable(&String::from_utf8_lossy(&body)),
        )),
        Relayed::NotLeader => Err(NoAnswer::NotYet(format!("{sidecar} does not lead"))),
        Relayed::Refused(why) => Err(NoAnswer::Never(why)),
    }
}

async fn sidecar(app: &App, leader: &str) -> Result<Url, String> {
    let document = Document::read(&app.settings.etcd_config).await;
    let document = document.map_err(|error| error.to_string())?;
    let known = document.client_urls().map_err(|error| error.to_string())?;
    let reached = Reached {
        is_secure: app.settings.tls.is_some(),
        port: app.settings.delegation.port.unwrap_or(app.port),
    };
    target(leader, &known, reached)
}

/// Made anew for each call, which are few: the CA and the certificate may have been replaced.
async fn client(app: &App) -> Result<reqwest::Client, String> {
    let delegation = &app.settings.delegation;
    let secured = match app.settings.tls {
        Some(_) => Secured::By(delegation.ca.as_deref(), delegation.identity.as_ref()),
        None => Secured::Clear,
    };
    let client = super::client::client(delegation.deadline, secured).await;
    client.map_err(|why| format!("cannot ask the sidecar that leads: {why}"))
}

/// The whole body, if it is not longer than it may be.
async fn body(mut answered: reqwest::Response) -> Result<Vec<u8>, NoAnswer> {
    let mut body = Vec::new();
    while let Some(chunk) = answered.chunk().await.map_err(|error| unsent(&error))? {
        if body.len() + chunk.len() > MOST_BYTES {
            let why = format!(
                "unexpected response of the sidecar that leads: more than {MOST_BYTES} bytes"
            );
            return Err(NoAnswer::Never(why));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause: what is around it names the address again and again.
fn unsent(error: &reqwest::Error) -> NoAnswer {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let why = format!(
        "the sidecar that leads gave no answer: {}",
        snapstore::printable(&cause.to_string())
    );
    match (error.is_connect(), error.is_timeout()) {
        (true, _) => NoAnswer::NotYet(why),
        (false, true) => NoAnswer::Never(why),
        (false, false) => NoAnswer::Broken(why),
    }
}
