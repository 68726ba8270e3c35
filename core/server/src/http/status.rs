use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use page::Held;
use serde::Serialize;

use super::answer::{json, of, text};
use super::app::App;
use super::observed::Observed;
use crate::initialization::Progress;
use crate::ports::{Backups, EtcdHealth, Loss, Role};

/// What `/status` tells. What is not known is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    version: &'a str,
    now: Timestamp,
    #[serde(flatten)]
    role: &'a Role,
    healthy: bool,
    ready: bool,
    /// Why it is not ready.
    reasons: Vec<String>,
    /// `None`: etcd was not asked yet.
    etcd_answers: Option<bool>,
    initialization: &'a Progress,
    store_configured: bool,
    /// When the store was listed last, for whatever reason.
    listed_at: Option<Timestamp>,
    /// Whether that listing has what was stored before.
    store_holds_all: Option<bool>,
    backups: &'a Backups,
    /// What would be lost now.
    loss: Option<Loss>,
}

pub(super) async fn status(State(app): State<Arc<App>>) -> Response {
    let observed = Observed::now(&app);
    let now = (app.ports.now)();
    let held = observed.backups.held();
    let backups = observed.backups.clone().believed();
    let reasons = observed.unready();
    let told = Status {
        version: &app.settings.version,
        now,
        role: &observed.role,
        healthy: observed.is_healthy(),
        ready: reasons.is_empty(),
        reasons,
        etcd_answers: match observed.etcd {
            EtcdHealth::Unknown => None,
            EtcdHealth::Answers => Some(true),
            EtcdHealth::Silent { .. } => Some(false),
        },
        initialization: &observed.initialization,
        store_configured: app.triggers.is_some(),
        listed_at: backups.listing.as_ref().map(|listing| listing.at),
        store_holds_all: held.map(|held| held == Held::All),
        loss: backups.loss(now),
        backups: &backups,
    };
    json(StatusCode::OK, &told)
}

/// The text format that the reference and Prometheus speak.
const EXPOSITION: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let backups = app.ports.backups.borrow().clone();
    match app.metrics.scrape(&backups) {
        Ok(body) => of(StatusCode::OK, EXPOSITION, body),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// The contract of this server, as it is in the sources.
pub(super) const CONTRACT: &str = include_str!("../openapi.yaml");

const YAML: HeaderValue = HeaderValue::from_static("application/yaml");

pub(super) async fn contract() -> Response {
    of(StatusCode::OK, YAML, CONTRACT)
}
