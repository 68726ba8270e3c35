use std::ops::Range;

use google_cloud_auth::credentials::{CacheableResource, Credentials};
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::client::Storage;
use google_cloud_storage::read_resume_policy::NeverResume;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, RANGE};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use snapstore::{Error, ErrorKind, Result, excerpt, printable};
use snapstore_cloud::Metadata;
use snapstore_cloud::http::{Tls, broken, client as http_client, innermost, odd, untrusted};
use snapstore_cloud::read::Ask;

use crate::config::{Endpoint, Settings};
use crate::credentials::{self, Origin};
use crate::error;

/// What to do where no machine gives tokens.
const REMEDY: &str = "set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account";

/// Two ways to the same bucket, with the same credentials.
#[derive(Debug)]
pub(crate) struct Client {
    /// For bodies.
    pub(crate) data: Storage,
    http: reqwest::Client,
    credentials: Credentials,
    /// If they come from there.
    metadata: Option<Metadata>,
    /// Which service it is, for [`Capabilities::service`](snapstore::Capabilities::service).
    pub(crate) service: String,
    base: reqwest::Url,
    bucket: String,
}

/// One request of the JSON API.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// What follows the bucket; each is one segment of the path, whatever slashes it has.
    pub(crate) path: &'a [&'a str],
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<Value>,
}

impl Client {
    /// Asks nothing of the store yet.
    ///
    /// Errors: `Config`.
    pub(crate) async fn connect(settings: &Settings, origin: &Origin) -> Result<Self> {
        // First, since it chooses the implementation of TLS for both.
        let http = http_client(&Tls::default())?;
        let endpoint = endpoint(settings, origin)?;
        let credentials = match endpoint.is_emulator() {
            true => credentials::nobody(),
            false => origin.load()?,
        };
        let base = reqwest::Url::parse(&endpoint.base).map_err(unusable)?;
        // The layers above try again; here each call is one request.
        let mut data = Storage::builder()
            .with_endpoint(&endpoint.base)
            .with_credentials(credentials.clone())
            .with_retry_policy(NeverRetry)
            .with_read_resume_policy(NeverResume)
            // A body is in memory, and its length known: one request, however long it is. What the
            // client would do instead, a resumable session, takes two and is for files.
            .with_resumable_upload_threshold(usize::MAX);
        if let Some(domain) = origin.universe()? {
            data = data.with_universe_domain(domain);
        }
        let of_machine = origin.is_of_machine() && !endpoint.is_emulator();
        let metadata = of_machine.then(|| Metadata::service(REMEDY));
        // It asks for the domain of Google's services.
        let built = match &metadata {
            Some(metadata) => metadata.answer("open", data.build()).await?,
            None => data.build().await,
        };
        Ok(Self {
            data: built.map_err(unusable)?,
            http,
            metadata,
            credentials,
            service: format!("gcs {base}"),
            base,
            bucket: settings.bucket.clone(),
        })
    }

    /// The bucket, as Google's client wants it.
    pub(crate) fn bucket(&self) -> String {
        format!("projects/_/buckets/{}", self.bucket)
    }

    /// Sends `call` and reads its JSON.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T> {
        self.json_of(&self.bucket, call).await
    }

    /// The same for another bucket.
    pub(crate) async fn json_of<T: DeserializeOwned>(
        &self,
        bucket: &str,
        call: Call<'_>,
    ) -> Result<T> {
        let operation = call.operation;
        let body = self.send_to(bucket, call).await?;
        serde_json::from_slice(&body).map_err(|error| {
            let error = printable(&error.to_string());
            odd(operation, format!("{error}; it was {}", excerpt(&body)))
        })
    }

    /// Sends `call`; the body of what came back.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Vec<u8>> {
        self.send_to(&self.bucket, call).await
    }

    async fn send_to(&self, bucket: &str, call: Call<'_>) -> Result<Vec<u8>> {
        let operation = call.operation;
        let mut request = self
            .http
            .request(call.method, self.url(bucket, call.path, call.query))
            .headers(self.token(operation).await?);
        if let Some(body) = call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let reply = request
            .send()
            .await
            .map_err(|error| broken(operation, error))?;
        let (status, headers) = (reply.status(), reply.headers().clone());
        let body = reply
            .bytes()
            .await
            .map_err(|error| broken(operation, error))?;
        match status.is_success() {
            true => Ok(body.into()),
            false => Err(error::refused(operation, status.as_u16(), &headers, &body)),
        }
    }

    /// Asks for the bytes `range` of an object, as they are stored; `None` if it begins after the end.
    ///
    /// Google's client does not say which bytes came. Where a range is ignored on the way, the first
    /// bytes of the object would be taken for those that were asked for.
    pub(crate) async fn part(
        &self,
        name: &str,
        generation: Option<i64>,
        range: &Range<u64>,
    ) -> Result<Option<Response>> {
        let Ask::Bytes(range) = Ask::of(Some(range)) else {
            return Ok(None);
        };
        let generation = generation.map(|number| number.to_string());
        let mut query = vec![("alt", "media")];
        query.extend(generation.as_deref().map(|number| ("generation", number)));
        let request = self
            .http
            .get(self.url(&self.bucket, &["o", name], &query))
            .headers(self.token("get").await?)
            .header(RANGE, range)
            // Without it Google unpacks what has a Content-Encoding. Nothing is unpacked here.
            .header(ACCEPT_ENCODING, "gzip");
        let sent = request.send().await;
        let reply = sent.map_err(|error| broken("get", error))?;
        match reply.status() {
            StatusCode::RANGE_NOT_SATISFIABLE => Ok(None),
            status if status.is_success() => Ok(Some(reply)),
            status => {
                let headers = reply.headers().clone();
                let body = reply.bytes().await;
                let body = body.map_err(|error| broken("get", error))?;
                Err(error::refused("get", status.as_u16(), &headers, &body))
            }
        }
    }

    fn url(&self, bucket: &str, path: &[&str], query: &[(&str, &str)]) -> reqwest::Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(["storage", "v1", "b", bucket]);
            segments.extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The headers that say who asks. Tokens are kept and renewed by the credentials.
    async fn token(&self, operation: &'static str) -> Result<HeaderMap> {
        let asking = self.credentials.headers(Default::default());
        let told = match &self.metadata {
            Some(metadata) => metadata.answer(operation, asking).await?,
            None => asking.await,
        };
        match told {
            Ok(CacheableResource::New { data, .. }) => Ok(data),
            // Not without a tag of an earlier answer, and none was given.
            Ok(CacheableResource::NotModified) => Ok(HeaderMap::new()),
            Err(error) => {
                if let Some(untrusted) = untrusted(operation, &error) {
                    return Err(untrusted);
                }
                // Google's own words for one that it has given up on are that later attempts may succeed.
                let transient = error.is_transient() && !error::is_no(&error);
                let cause = innermost(&error);
                let why = match &self.metadata {
                    Some(_) => format!(
                        "none are set, and the machine's metadata service gives none ({cause}); {REMEDY}"
                    ),
                    None => cause,
                };
                Err(error::no_token(operation, why, transient))
            }
        }
    }
}

/// The endpoint as it is now; the file beside the credentials may change with them.
fn endpoint(settings: &Settings, origin: &Origin) -> Result<Endpoint> {
    let chosen = match &settings.endpoint {
        Some(given) => Some(given.clone()),
        None => origin.endpoint()?,
    };
    match chosen {
        Some(text) => Endpoint::parse(&text),
        None => Ok(Endpoint::of_universe(
            &origin.universe()?.unwrap_or_default(),
        )),
    }
}

fn unusable(error: impl std::fmt::Display) -> Error {
    let message = format!("cannot set up the client: {error}");
    Error::new(ErrorKind::Config, "open", message)
}
