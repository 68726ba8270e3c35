use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;

use super::reply::{is_xml, set, text};
use crate::loopback::{Body, BrokenOff};

/// Why something is not done, as OSS says it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    /// What should have been signed, for who wonders.
    string_to_sign: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            string_to_sign: None,
        }
    }

    pub(super) fn argument(message: String) -> Self {
        Self::new(400, "InvalidArgument", message)
    }

    pub(super) fn not_implemented(what: &str) -> Self {
        let message = format!("this emulator of OSS does not know {what}");
        Self::new(501, "NotImplemented", message)
    }

    pub(super) fn malformed_xml() -> Self {
        Self::new(
            400,
            "MalformedXML",
            "The XML you provided was not well-formed.",
        )
    }

    pub(super) fn no_such_key() -> Self {
        Self::new(404, "NoSuchKey", "The specified key does not exist.")
    }

    pub(super) fn no_such_bucket() -> Self {
        Self::new(404, "NoSuchBucket", "The specified bucket does not exist.")
    }

    pub(super) fn no_such_upload() -> Self {
        let message = "The specified upload does not exist. The upload ID may be invalid, \
                       or the upload may have been aborted or completed.";
        Self::new(404, "NoSuchUpload", message)
    }

    pub(super) fn exists() -> Self {
        let message = "The object you specified already exists and can not be overwritten.";
        Self::new(409, "FileAlreadyExists", message)
    }

    pub(super) fn immutable() -> Self {
        let message = "The object you specified is immutable.";
        Self::new(409, "FileImmutable", message)
    }

    pub(super) fn signature(string_to_sign: String) -> Self {
        let message = "The request signature we calculated does not match the signature you provided. \
                       Check your key and signing method.";
        Self {
            string_to_sign: Some(string_to_sign),
            ..Self::new(403, "SignatureDoesNotMatch", message)
        }
    }

    pub(super) fn reply(self, request_id: &str) -> Response<Body> {
        let body = text(&Error {
            code: self.code,
            message: &self.message,
            request_id,
            host_id: "oss.test",
            string_to_sign: self.string_to_sign.as_deref(),
        });
        let told = base64_simd::STANDARD.encode_to_string(&body);
        let body = Full::new(Bytes::from(body)).map_err(BrokenOff::from);
        let mut reply = Response::new(body.boxed_unsync());
        let status = hyper::StatusCode::from_u16(self.status);
        *reply.status_mut() = status.unwrap_or_default();
        is_xml(&mut reply);
        // A head has no body; what would be in it is told by this header, in base64.
        set(&mut reply, "x-oss-err", &told);
        reply
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
    host_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_to_sign: Option<&'a str>,
}
