//! The bodies of OSS, as its API reference describes them.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use snapstore::{Result, excerpt, printable};
use snapstore_cloud::document::Document;
use snapstore_cloud::http::odd;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) message: String,
    /// Where the bucket is, if it is elsewhere.
    pub(crate) endpoint: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Listed {
    pub(crate) is_truncated: bool,
    pub(crate) next_marker: Option<String>,
    pub(crate) contents: Vec<Object>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) last_modified: Option<String>,
    #[serde(rename = "ETag")]
    pub(crate) etag: Option<String>,
    /// A number; as text, so that an object without one can be named.
    pub(crate) size: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Initiated {
    pub(crate) upload_id: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CopiedPart {
    #[serde(rename = "ETag")]
    pub(crate) etag: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Uploads {
    pub(crate) is_truncated: bool,
    pub(crate) next_key_marker: Option<String>,
    pub(crate) next_upload_id_marker: Option<String>,
    pub(crate) upload: Vec<Pending>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Pending {
    pub(crate) key: String,
    pub(crate) upload_id: String,
    pub(crate) initiated: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Parts {
    pub(crate) is_truncated: bool,
    pub(crate) next_part_number_marker: Option<String>,
    pub(crate) part: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Part {
    pub(crate) last_modified: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Worm {
    pub(crate) state: String,
    pub(crate) retention_period_in_days: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Versioning {
    /// `Enabled` or `Suspended`; missing where there never were versions.
    pub(crate) status: Option<String>,
}

/// What the answers are called.
pub(crate) const LISTED: &str = "ListBucketResult";
pub(crate) const REFUSED: &str = "Error";
pub(crate) const INITIATED: &str = "InitiateMultipartUploadResult";
pub(crate) const COMPLETED: &str = "CompleteMultipartUploadResult";
pub(crate) const COPIED_PART: &str = "CopyPartResult";
pub(crate) const UPLOADS: &str = "ListMultipartUploadsResult";
pub(crate) const PARTS: &str = "ListPartsResult";
pub(crate) const WORM: &str = "WormConfiguration";
pub(crate) const VERSIONING: &str = "VersioningConfiguration";

/// `body`, which is a whole document called `root`, as a `T`.
///
/// Errors: `Unexpected` and retryable for anything else.
pub(crate) fn parse<T: DeserializeOwned>(
    operation: &'static str,
    root: &str,
    body: &[u8],
) -> Result<T> {
    Ok(read(operation, root, body)?.0)
}

/// The same, and the document it was read from.
pub(crate) fn read<T: DeserializeOwned>(
    operation: &'static str,
    root: &str,
    body: &[u8],
) -> Result<(T, Document)> {
    let document = Document::read(operation, body, &[root])?;
    let parsed = quick_xml::de::from_reader(body).map_err(|error| {
        let error = printable(&error.to_string());
        odd(
            operation,
            format!("a {root}: {error}; it was {}", excerpt(body)),
        )
    });
    Ok((parsed?, document))
}

/// A key as it is, of one that `encoding-type=url` has spelled.
pub(crate) fn decoded(key: &str) -> Option<String> {
    let decoded = percent_decode_str(key).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// The body of a completion. ETags are hexadecimal in quotes, which XML text may hold.
pub(crate) fn completion(etags: &[&str]) -> String {
    let mut body = String::from("<CompleteMultipartUpload>");
    for (number, etag) in (1..).zip(etags) {
        let etag = quick_xml::escape::escape(*etag);
        body.push_str(&format!(
            "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        ));
    }
    body.push_str("</CompleteMultipartUpload>");
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_listing_is_one() {
        let body = b"<ListBucketResult><Name>b</Name></ListBucketResult>";
        let empty: Listed = parse("list", LISTED, body).unwrap();
        assert!(empty.contents.is_empty() && !empty.is_truncated);
    }

    /// Any document that was XML was an empty listing, an error with status 200 too, and a member
    /// began without its data.
    #[test]
    fn another_document_is_no_empty_listing() {
        for body in [
            "<html><body>maintenance</body></html>",
            "<Error><Code>InternalError</Code></Error>",
            "",
            "<ListBucketResult><Contents><Key>a</Key>",
        ] {
            let error = parse::<Listed>("list", LISTED, body.as_bytes()).unwrap_err();
            assert!(error.is_retryable(), "{error}");
        }
    }

    #[test]
    fn an_etag_cannot_break_out_of_its_place() {
        let body = completion(&["\"<x>\""]);
        assert!(!body.contains("<x>"), "{body}");
    }
}
