//! The SDK's requests through the one HTTP client of this workspace, which alone knows of a CA of
//! the operator's own and of certificates that nobody verifies.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use snapstore_cloud::http::named;

/// A [`reqwest::Client`] as the SDK wants it. Its own timeouts hold; those of the SDK are off.
#[derive(Debug, Clone)]
pub(crate) struct Connector(pub(crate) reqwest::Client);

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(send(self.0.clone(), request))
    }
}

async fn send(
    client: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    // The body is handed on as it is: parts are counted references, and nothing is copied.
    let request = reqwest::Request::try_from(request.map(reqwest::Body::wrap))
        .map_err(|error| ConnectorError::user(error.without_url().into()))?;
    let reply = client.execute(request).await.map_err(lost)?;
    let reply = http::Response::<reqwest::Body>::from(reply).map(SdkBody::from_body_1_x);
    HttpResponse::try_from(reply).map_err(|error| ConnectorError::other(error.into(), None))
}

/// The address stays out of it: it may be signed.
fn lost(error: reqwest::Error) -> ConnectorError {
    let is_timeout = error.is_timeout();
    let error = named(error);
    match is_timeout {
        true => ConnectorError::timeout(error),
        false => ConnectorError::io(error),
    }
}
