use std::fmt;

use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::operation::head_object::builders::HeadObjectFluentBuilder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder;
use aws_sdk_s3::operation::upload_part_copy::builders::UploadPartCopyFluentBuilder;
use base64_simd::STANDARD as BASE64;
use md5::{Digest, Md5};
use snapstore::Result;
use snapstore_cloud::credentials::Fields;
use snapstore_cloud::{ExposeSecret, SecretString};

/// A key of the customer's own, with which the provider encrypts and which it forgets (SSE-C).
///
/// The headers want base64 of the 32 bytes, and base64 of the MD5 of the *bytes*. The reference
/// sends the text of the key as it is and the MD5 of that text, which S3 refuses.
#[derive(Clone)]
pub(crate) struct CustomerKey {
    /// `AES256`, the only one there is.
    algorithm: String,
    key: SecretString,
    /// Base64.
    md5: String,
}

/// Bytes of a key of AES-256.
const LENGTH: usize = 32;

impl CustomerKey {
    /// From `sseCustomerKey` and `sseCustomerAlgorithm`: both or none. The key is base64 of 32
    /// bytes or, as the reference documents it, 32 bytes of text.
    pub(crate) fn of(fields: &Fields) -> Result<Option<Self>> {
        let (key, algorithm) = match (
            fields.get("sseCustomerKey"),
            fields.get("sseCustomerAlgorithm"),
        ) {
            (None, None) => return Ok(None),
            (Some(key), Some(algorithm)) => (key, algorithm),
            _ => {
                let what = "sseCustomerKey and sseCustomerAlgorithm are needed both, or neither";
                return Err(fields.wrong(what));
            }
        };
        let decoded = BASE64
            .decode_to_vec(key)
            .ok()
            .filter(|bytes| bytes.len() == LENGTH);
        let bytes = match decoded {
            Some(bytes) => bytes,
            None if key.len() == LENGTH => key.as_bytes().to_vec(),
            None => {
                let what = "sseCustomerKey is neither base64 of 32 bytes nor 32 bytes of text";
                return Err(fields.wrong(what));
            }
        };
        Ok(Some(Self {
            algorithm: algorithm.to_owned(),
            key: BASE64.encode_to_string(&bytes).into(),
            md5: BASE64.encode_to_string(Md5::digest(&bytes)),
        }))
    }

    /// The key in base64.
    fn expose(&self) -> &str {
        self.key.expose_secret()
    }
}

/// A request about an object, which S3 answers only to who has its key.
pub(crate) trait WithKey {
    /// The same request with all three headers, if there is a key.
    fn with_key(self, key: Option<&CustomerKey>) -> Self;
}

/// The SDK has a type for each request, and these three setters for each type.
macro_rules! with_key {
    ($($request:ty),+ $(,)?) => {$(
        impl WithKey for $request {
            fn with_key(self, key: Option<&CustomerKey>) -> Self {
                self.set_sse_customer_algorithm(key.map(|key| key.algorithm.clone()))
                    .set_sse_customer_key(key.map(|key| key.expose().to_owned()))
                    .set_sse_customer_key_md5(key.map(|key| key.md5.clone()))
            }
        }
    )+};
}

with_key!(
    CompleteMultipartUploadFluentBuilder,
    CreateMultipartUploadFluentBuilder,
    GetObjectFluentBuilder,
    HeadObjectFluentBuilder,
    PutObjectFluentBuilder,
    UploadPartFluentBuilder,
);

/// The object that is read has the same key: a service that reads it with another one refuses.
impl WithKey for UploadPartCopyFluentBuilder {
    fn with_key(self, key: Option<&CustomerKey>) -> Self {
        self.set_sse_customer_algorithm(key.map(|key| key.algorithm.clone()))
            .set_sse_customer_key(key.map(|key| key.expose().to_owned()))
            .set_sse_customer_key_md5(key.map(|key| key.md5.clone()))
            .set_copy_source_sse_customer_algorithm(key.map(|key| key.algorithm.clone()))
            .set_copy_source_sse_customer_key(key.map(|key| key.expose().to_owned()))
            .set_copy_source_sse_customer_key_md5(key.map(|key| key.md5.clone()))
    }
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(set: &[(&str, &str)]) -> Fields {
        let set = set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Fields::new("test", set)
    }

    /// The reference sends the text of the key itself, and the MD5 of that text.
    #[test]
    fn the_headers_are_those_that_s3_checks() {
        let text = "0123456789abcdef0123456789abcdef";
        let base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        for given in [text, base64] {
            let set = fields(&[
                ("sseCustomerKey", given),
                ("sseCustomerAlgorithm", "AES256"),
            ]);
            let key = CustomerKey::of(&set).unwrap().unwrap();
            assert_eq!(key.expose(), base64);
            // printf %s "$text" | openssl md5 -binary | base64
            assert_eq!(key.md5, "hRasmdxgYDKV3nvbahU1MA==");
            assert!(!format!("{key:?}").contains("MDEy"));
        }
    }

    #[test]
    fn half_a_pair_and_a_short_key_are_refused() {
        assert!(CustomerKey::of(&fields(&[])).unwrap().is_none());
        let half = fields(&[("sseCustomerKey", "x")]);
        assert!(CustomerKey::of(&half).is_err());
        let short = fields(&[
            ("sseCustomerKey", "hush"),
            ("sseCustomerAlgorithm", "AES256"),
        ]);
        let error = CustomerKey::of(&short).unwrap_err().to_string();
        assert!(!error.contains("hush"), "{error}");
    }
}
