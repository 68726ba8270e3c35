use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::access::may_initialize;
use super::answer::text;
use super::app::App;
use super::peer::Peer;
use crate::etcd_config::{Document, body};

/// The configuration that the etcd beside this sidecar starts with. The reference writes it to `$HOME` as well; it is
/// of no use there.
pub(super) async fn config(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = may_initialize(app.settings.initialization_from, &peer, &headers) {
        return text(refused.status, refused.why);
    }
    match made(&app).await {
        Ok(body) => text(StatusCode::OK, body),
        Err((status, why)) => {
            tracing::warn!("etcd's configuration is refused: {why}");
            text(status, why)
        }
    }
}

async fn made(app: &App) -> Result<String, (StatusCode, String)> {
    let fault = |why: String| (StatusCode::INTERNAL_SERVER_ERROR, why);
    let document = Document::read(&app.settings.etcd_config).await;
    let document = document.map_err(|error| fault(error.to_string()))?;
    let pod = app.settings.pod_name.as_deref();
    let pod = pod.ok_or_else(|| fault("the name of the pod is not known".to_owned()))?;
    // Whoever is told `new` by mistake makes a cluster of its own.
    let facts = app.ports.cluster.facts().await;
    let facts = facts.map_err(|why| {
        let why = snapstore::printable(&why);
        (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("it is not known who belongs to the cluster: {why}"),
        )
    })?;
    body(&document, pod, &facts).map_err(|error| fault(error.to_string()))
}
