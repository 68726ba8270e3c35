//! The SDK's requests through the one HTTP client of this workspace, which alone knows of a CA of
//! the operator's own and of certificates that nobody verifies.

use std::pin::pin;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures::future::{Either, select};
use snapstore::clock::{Clock, SystemClock};
use snapstore_cloud::http::{named, warn_if_clear};

/// A [`reqwest::Client`] as the SDK wants it. Its own timeouts hold. Those of the SDK are off for S3; for
/// the metadata service of the machine they are a second each.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    client: reqwest::Client,
    limit: Option<Duration>,
}

impl Connector {
    pub(crate) fn over(client: reqwest::Client) -> Self {
        Self {
            client,
            limit: None,
        }
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        // Until a connection stands, and then until the answer begins: here they are one wait, as long as
        // the longer of both.
        let (connect, read) = (settings.connect_timeout(), settings.read_timeout());
        SharedHttpConnector::new(Self {
            limit: read.map(|read| read.max(connect.unwrap_or_default())),
            ..self.clone()
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        warn(&request);
        let (sending, limit) = (send(self.client.clone(), request), self.limit);
        HttpConnectorFuture::new(async move {
            let Some(limit) = limit else {
                return sending.await;
            };
            match select(pin!(sending), SystemClock.sleep(limit)).await {
                Either::Left((answered, _)) => answered,
                Either::Right(_) => {
                    let message = format!("no answer within {limit:?}");
                    Err(ConnectorError::timeout(message.into()))
                }
            }
        })
    }
}

/// The token of temporary credentials, whose keys may come from anywhere.
const TOKEN: &str = "x-amz-security-token";

fn warn(request: &HttpRequest) {
    if request.headers().contains_key(TOKEN) {
        warn_if_clear("the session token of the credentials", request.uri());
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
