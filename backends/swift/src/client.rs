use std::sync::atomic::AtomicUsize;

use reqwest::{Method, RequestBuilder, Response, Url};
use snapstore::{Error, ErrorKind, Result};
use snapstore_cloud::http::{self, Tls, broken};

use crate::error::good;
use crate::keystone::{Session, log_in};
use crate::layout::encoded;
use crate::login::Login;

/// Names asked for at once; Swift gives up to 10,000, or what its `container_listing_limit` says.
const PAGE: usize = 1000;

/// A session with a token, and where its object store is.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    session: Session,
    /// Names that this server gives at once, as far as is known.
    pub(crate) page: AtomicUsize,
}

impl Client {
    /// Logs in.
    pub(crate) async fn connect(login: Login) -> Result<Self> {
        let http = http::client(&Tls::default())?;
        http::warn_if_clear("the password of the login", &login.auth_url);
        let session = log_in(&http, &login).await?;
        http::warn_if_clear("the token of the login", &session.account);
        Ok(Self {
            http,
            session,
            page: AtomicUsize::new(PAGE),
        })
    }

    /// Which service it is, for [`Capabilities::service`](snapstore::Capabilities::service): the account.
    pub(crate) fn service(&self) -> String {
        format!("swift {}", self.session.account)
    }

    /// A request for `name` in `container`; for the container itself if it is empty.
    pub(crate) fn request(
        &self,
        operation: &'static str,
        method: Method,
        container: &str,
        name: &str,
    ) -> Result<RequestBuilder> {
        let mut address = format!("{}/{}", self.session.account, encoded(container));
        if !name.is_empty() {
            address = format!("{address}/{}", encoded(name));
        }
        let url = Url::parse(&address).map_err(|error| {
            let message = format!("{name:?} makes no address: {error}");
            Error::new(ErrorKind::Config, operation, message)
        })?;
        let request = self.http.request(method, url);
        Ok(request.header("x-auth-token", &self.session.token))
    }
}

/// Sends it; any answer but a good one is an error.
pub(crate) async fn send(operation: &'static str, request: RequestBuilder) -> Result<Response> {
    good(operation, reply(operation, request).await?).await
}

/// Sends it, whatever the answer is.
pub(crate) async fn reply(operation: &'static str, request: RequestBuilder) -> Result<Response> {
    let sent = request.send().await;
    sent.map_err(|error| broken(operation, error))
}
