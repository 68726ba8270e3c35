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

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        let _ = Document::read("list", &body, &["a"]);
    }
}
