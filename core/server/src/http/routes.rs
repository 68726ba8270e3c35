use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get};
use http::StatusCode;

use super::answer::{empty, text};
use super::app::App;
use super::{config, health, initialization, snapshots, status, status_page};

/// A path, and what it is answered with.
pub(super) struct Route {
    pub(super) path: &'static str,
    answer: MethodRouter<Arc<App>>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        changing("/initialization/start", initialization::start),
        changing("/initialization/status", initialization::status),
        either("/config", config::config),
        changing("/snapshot/full", snapshots::full),
        changing("/snapshot/delta", snapshots::delta),
        either("/snapshot/latest", snapshots::latest),
        either("/healthz", health::healthz),
        either("/metrics", status::metrics),
        read("/", status_page::page),
        read("/livez", health::livez),
        read("/readyz", health::readyz),
        read("/status", status::status),
        read("/openapi.yaml", status::contract),
    ]
}

/// Of the reference, which looks at no method: etcd-druid asks for fulls by GET and by POST.
fn either<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    Route {
        path,
        answer: get(handler.clone()).post(handler),
    }
}

/// The same of those that do something. HEAD would take a snapshot, or use up the word of an initialization, for
/// somebody who wants to change nothing.
fn changing<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    let no_head = || async { empty(StatusCode::METHOD_NOT_ALLOWED) };
    let route = either(path, handler);
    Route {
        answer: route.answer.head(no_head),
        ..route
    }
}

/// Of ours.
fn read<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    Route {
        path,
        answer: get(handler),
    }
}

pub(super) fn router(app: Arc<App>) -> Router {
    let unknown = || async { text(StatusCode::NOT_FOUND, "there is nothing at this path") };
    let mut router = Router::new().fallback(unknown);
    for route in routes() {
        router = router.route(route.path, route.answer);
    }
    router.with_state(app)
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
