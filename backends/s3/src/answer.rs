//! What S3 answers: its documents as they came, and its times.
//!
//! Documents: the SDK's parser takes what it knows of them, ends where they
//! end, and does not say whether that was the end.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::primitives::DateTime;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use snapstore::Result;
use snapstore_cloud::document::Document;
use snapstore_cloud::http::odd;

/// The answer to one request. Given to it as an interceptor; any answer with a good status that is not
/// a whole document of the right name makes the request fail.
#[derive(Debug, Clone)]
pub(crate) struct Answer(Arc<Heard>);

#[derive(Debug)]
struct Heard {
    operation: &'static str,
    roots: &'static [&'static str],
    document: OnceLock<Document>,
}

impl Answer {
    /// The answer to `operation`, which is called one of `roots`.
    pub(crate) fn to(operation: &'static str, roots: &'static [&'static str]) -> Self {
        Self(Arc::new(Heard {
            operation,
            roots,
            document: OnceLock::new(),
        }))
    }

    /// The document that came.
    pub(crate) fn document(&self) -> Result<&Document> {
        let document = self.0.document.get();
        document.ok_or_else(|| odd(self.0.operation, "it has no document"))
    }
}

impl Intercept for Answer {
    fn name(&self) -> &'static str {
        "etcdbr: is it an answer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let reply = context.response();
        if !reply.status().is_success() {
            return Ok(());
        }
        let body = reply.body().bytes().unwrap_or_default();
        let document = Document::read(self.0.operation, body, self.0.roots)?;
        // Without retries there is one answer to each request.
        let _ = self.0.document.set(document);
        Ok(())
    }
}

/// A time of the SDK; `None` for one that is beyond all times of the system.
pub(crate) fn time(time: Option<&DateTime>) -> Option<SystemTime> {
    SystemTime::try_from(*time?).ok()
}
