use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::answer::{json, raw_json};
use super::app::App;
use super::observed::Observed;

#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// Why it is not.
    reasons: Vec<String>,
}

fn status(is_well: bool) -> StatusCode {
    match is_well {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// As the reference has it: the body is compared by others.
pub(super) async fn healthz(State(app): State<Arc<App>>) -> Response {
    let is_healthy = Observed::now(&app).is_healthy();
    raw_json(status(is_healthy), format!("{{\"health\":{is_healthy}}}"))
}

/// This process runs and answers; nothing else is looked at, so that it is not restarted for an etcd that is down.
pub(super) async fn livez() -> Response {
    raw_json(StatusCode::OK, "{\"alive\":true}")
}

pub(super) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let reasons = Observed::now(&app).unready();
    let ready = reasons.is_empty();
    json(status(ready), &Ready { ready, reasons })
}
