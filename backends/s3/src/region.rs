//! A bucket that is in another region than the one that is asked. S3 says which, but not in a place
//! where the SDK would look.

use snapstore::{Error, ErrorKind, printable};
use snapstore_cloud::document::Document;
use snapstore_cloud::http::Refusal;

/// Says where a bucket is (Amazon S3 API Reference, "HeadBucket", "Response Elements").
pub(crate) const HEADER: &str = "x-amz-bucket-region";

/// The error for `refusal`, if it is one because the bucket is elsewhere. `header`: what [`HEADER`] says.
pub(crate) fn elsewhere(refusal: Refusal<'_>, header: Option<&str>, body: &[u8]) -> Option<Error> {
    let document = Document::read(refusal.operation, body, &["Error"]).ok();
    let told = |name: &str| {
        let text = document.as_ref()?.text(name)?;
        Some(text.to_owned()).filter(|text| !text.is_empty())
    };
    let region = match (refusal.status, refusal.code) {
        (301 | 307, _) | (_, "PermanentRedirect" | "IllegalLocationConstraintException") => {
            told("Region").or(header.map(str::to_owned))
        }
        // It has other causes, and tells a region only for this one.
        (_, "AuthorizationHeaderMalformed") => Some(told("Region")?),
        _ => return None,
    };
    let place = match (region, told("Endpoint")) {
        (Some(region), _) => format!(
            "the bucket is in the region \"{}\": write that as region into the credentials, or set \
             AWS_REGION; where an endpoint is given, it must be that region's",
            printable(&region)
        ),
        (None, Some(endpoint)) => format!(
            "the bucket is at the endpoint \"{}\": name it with --store-endpoint-override, or set the \
             region of the bucket",
            printable(&endpoint)
        ),
        (None, None) => "the bucket is in another region: set the region of the bucket".to_owned(),
    };
    Some(refusal.with_remedy(ErrorKind::Config, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, code: &str, header: Option<&str>, body: &str) -> Option<String> {
        let refusal = Refusal {
            operation: "open",
            status,
            code,
            message: "",
            wait: None,
            date: None,
        };
        let error = elsewhere(refusal, header, body.as_bytes())?;
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!error.is_retryable());
        Some(error.to_string())
    }

    /// "open: failed: 301", and nothing else.
    #[test]
    fn where_the_bucket_is_is_told_from_whatever_says_it() {
        let malformed = "AuthorizationHeaderMalformed";
        let region = "<Error><Region>eu-9</Region></Error>";
        let endpoint = "<Error><Endpoint>b.s3.eu-9.example</Endpoint></Error>";
        for (status, code, header, body) in [
            (301, "", Some("eu-9"), ""),
            (307, "TemporaryRedirect", Some("eu-9"), "<Error/>"),
            (301, "PermanentRedirect", None, endpoint),
            (400, "IllegalLocationConstraintException", Some("eu-9"), ""),
            (400, malformed, None, region),
            (400, malformed, Some("eu-1"), region),
        ] {
            let told = told(status, code, header, body).unwrap();
            assert!(told.contains("eu-9"), "{told}");
        }
        assert!(told(301, "", None, "").unwrap().contains("another region"));
    }

    /// Every answer of S3 says where the bucket is, whatever it refuses.
    #[test]
    fn another_refusal_is_not_one_of_the_region() {
        for (status, code) in [
            (403, "AccessDenied"),
            (400, "AuthorizationHeaderMalformed"),
            (400, "ExpiredToken"),
            (404, "NoSuchKey"),
        ] {
            assert_eq!(told(status, code, Some("eu-9"), "<Error/>"), None, "{code}");
        }
    }
}
