use proptest::prelude::*;

use super::*;

const LISTING: &str = "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/\
    doc/2006-03-01/\"><Name>b</Name><Prefix>a&amp;b/%20</Prefix><KeyCount>2</KeyCount>\
    <IsTruncated>false</IsTruncated><Contents><Key>1</Key></Contents><Contents><Key>2</Key>\
    </Contents></ListBucketResult>\n";

fn read(body: &str) -> Result<Document> {
    Document::read("list", body.as_bytes(), &["ListBucketResult"])
}

#[test]
fn a_whole_document_is_read() {
    for bom in ["", "\u{feff}"] {
        let document = read(&format!("{bom}{LISTING}")).unwrap();
        assert_eq!(document.count("Contents"), 2);
        assert_eq!(document.text("KeyCount"), Some("2"));
        assert!(!document.flag("IsTruncated").unwrap());
        document.echoes("Name", "b").unwrap();
        document.echoes("Prefix", "a&b/%20").unwrap();
        document.echoes("Prefix", "a&b/ ").unwrap();
        document.holds("Contents", 2).unwrap();
        document.holds("Contents", 1).unwrap_err();
        document.echoes("Name", "another").unwrap_err();
        document.flag("Name").unwrap_err();
        document.flag("Missing").unwrap_err();
    }
}

/// S3 sends half a document under load, and the objects before the break were the listing: a restore
/// ended at revision 6849 of 10961, and said that nothing was lost.
#[test]
fn no_part_of_a_document_is_one() {
    for end in 0..LISTING.trim_end().len() {
        let error = read(&LISTING[..end]).unwrap_err();
        assert!(error.is_retryable(), "{error}");
    }
}

/// A page of a proxy, an error with status 200, an empty body: each was an empty listing, and an
/// etcd began without its data.
#[test]
fn another_document_is_none() {
    for (body, told) in [
        ("", "an empty body"),
        ("<html><body>maintenance</body></html>", "maintenance"),
        ("<!DOCTYPE html><html></html>", "DOCTYPE"),
        ("<Error><Code>SlowDown</Code></Error>", "SlowDown"),
        ("{\"kind\": \"storage#objects\"}", "storage#objects"),
        ("<ListBucketResult/><ListBucketResult/>", "second document"),
        ("<ListBucketResult/>trailing", "outside"),
        ("<ListBucketResult>&evil;</ListBucketResult>", "entity"),
    ] {
        let error = read(body).unwrap_err();
        assert!(error.is_retryable(), "{body:?}: {error}");
        assert!(error.to_string().contains(told), "{body:?}: {error}");
    }
}

#[test]
fn an_entry_whose_time_cannot_be_read_is_found() {
    let entry = |key: &str, time: &str| {
        format!("<Contents><Key>{key}</Key><LastModified>{time}</LastModified></Contents>")
    };
    let found = |body: &str| {
        let fine = |time: &str| crate::from_rfc3339(time).is_some();
        undated(body, ("Key", "LastModified"), fine).map(str::to_owned)
    };
    let good = entry("a", "2026-11-22T09:13:06.123Z");
    assert_eq!(found(&good), None);
    for bad in ["Sun, 22 Nov 2026 09:13:06 GMT", "2026-11-22T09:13:06", ""] {
        let body = format!("{good}{}", entry("b", bad));
        assert_eq!(found(&body).as_deref(), Some("b"));
    }
    // Of half a name nothing can be said.
    assert_eq!(found(&format!("{good}<Contents><Key>b")), None);
}

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        let _ = Document::read("list", &body, &["a"]);
    }
}
