use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqsign_aliyun_oss::{Credential, RequestSigner, SigningVersion};
use reqsign_core::{Context, SignRequest};
use reqwest::Response;
use snapstore::{Bytes, Error, ErrorKind, Result};
use snapstore_cloud::ExposeSecret;
use snapstore_cloud::http::{self as web, Tls};

use crate::config::Endpoint;
use crate::credentials::{Access, Signature};
use crate::error::good;

/// A client for one bucket.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// The bucket's name.
    pub(crate) name: String,
    /// The bucket's address, without a slash at its end.
    bucket: String,
    endpoint: Endpoint,
    signature: Signature,
    signer: RequestSigner,
    credential: Credential,
    /// What the signer could look things up with. It looks up nothing.
    context: Context,
}

/// What an address keeps as it is; in a value `/` is spelled too.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PATH: &AsciiSet = &VALUE.remove(b'/');

/// A request to be.
#[derive(Debug)]
pub(crate) struct Call {
    operation: &'static str,
    method: Method,
    /// The object; empty for the bucket.
    name: String,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Call {
    /// A request for an object.
    pub(crate) fn object(operation: &'static str, method: Method, name: &str) -> Self {
        Self {
            operation,
            method,
            name: name.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A question about the bucket.
    pub(crate) fn bucket(operation: &'static str) -> Self {
        Self::object(operation, Method::GET, "")
    }

    /// With a parameter; an empty one stands alone.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With a parameter if there is a value for it.
    pub(crate) fn maybe(self, name: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

impl Client {
    pub(crate) fn connect(access: &Access, bucket: &str) -> Result<Self> {
        let session = access.session.as_ref();
        if session.is_some() {
            web::warn_if_clear("the token of the session", &access.endpoint.bucket(bucket));
        }
        Ok(Self {
            http: web::client(&Tls::default())?,
            name: bucket.to_owned(),
            bucket: access.endpoint.bucket(bucket),
            endpoint: access.endpoint.clone(),
            signature: access.signature.clone(),
            signer: signer(&access.signature, bucket),
            credential: Credential {
                access_key_id: access.id.clone(),
                access_key_secret: access.secret.expose_secret().to_owned(),
                security_token: session.map(|token| token.expose_secret().to_owned()),
                expires_in: None,
            },
            context: Context::new(),
        })
    }

    /// Which service it is, for [`Capabilities::service`](snapstore::Capabilities::service).
    pub(crate) fn service(&self) -> String {
        self.endpoint.service()
    }

    /// The same client for another bucket.
    pub(crate) fn for_bucket(&self, bucket: &str) -> Self {
        Self {
            http: self.http.clone(),
            name: bucket.to_owned(),
            bucket: self.endpoint.bucket(bucket),
            endpoint: self.endpoint.clone(),
            signature: self.signature.clone(),
            signer: signer(&self.signature, bucket),
            credential: self.credential.clone(),
            context: self.context.clone(),
        }
    }

    /// Signs and sends it; any answer but a good one is an error.
    pub(crate) async fn send(&self, call: Call) -> Result<Response> {
        let operation = call.operation;
        good(operation, self.reply(call).await?).await
    }

    /// Signs and sends it, whatever the answer is.
    pub(crate) async fn reply(&self, call: Call) -> Result<Response> {
        let operation = call.operation;
        let body = call.body.clone();
        let (mut parts, ()) = self.request(&call)?.into_parts();
        let signed =
            self.signer
                .sign_request(&self.context, &mut parts, Some(&self.credential), None);
        signed.await.map_err(|error| unusable(operation, error))?;
        let request = Request::from_parts(parts, body);
        let request =
            reqwest::Request::try_from(request).map_err(|error| web::broken(operation, error))?;
        let sent = self.http.execute(request).await;
        sent.map_err(|error| web::broken(operation, error))
    }

    fn request(&self, call: &Call) -> Result<Request<()>> {
        let name = utf8_percent_encode(&call.name, PATH);
        let mut address = format!("{}/{name}", self.bucket);
        for (number, (name, value)) in call.query.iter().enumerate() {
            address.push(if number == 0 { '?' } else { '&' });
            address.push_str(name);
            if !value.is_empty() {
                address.push('=');
                address.extend(utf8_percent_encode(value, VALUE));
            }
        }
        let mut request = Request::builder().method(&call.method).uri(address);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        request
            .body(())
            .map_err(|error| unusable(call.operation, error))
    }
}

fn signer(signature: &Signature, bucket: &str) -> RequestSigner {
    let signer = RequestSigner::new(bucket);
    match signature {
        Signature::V1 => signer.with_signing_version(SigningVersion::V1),
        Signature::V4 { region } => signer
            .with_signing_version(SigningVersion::V4)
            .with_region(region),
    }
}

/// An object as a header names it.
pub(crate) fn path(bucket: &str, name: &str) -> String {
    format!("/{bucket}/{}", utf8_percent_encode(name, PATH))
}

fn unusable(operation: &'static str, error: impl std::fmt::Display) -> Error {
    let message = format!("the request cannot be made: {error}");
    Error::new(ErrorKind::Config, operation, message)
}
