//! What a store says when it refuses. It was lost on its way: "open: failed: 301", and no more.

use snapstore::{Error, ErrorKind, Key, SnapstoreExt};

use crate::providers::{DIALECTS, Dialect};
use crate::stub::Answer;

/// A provider's own words for one thing that is wrong.
struct Said {
    provider: usize,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
}

const S3: usize = 0;
const OSS: usize = 1;
const ABS: usize = 2;
const GCS: usize = 3;
const SWIFT: usize = 4;

/// The answer of the machine whose clock is two hours after the year's end.
const DATE: (&str, &str) = ("date", "Thu, 01 Jan 2099 02:00:00 GMT");

impl Said {
    fn dialect(&self) -> Dialect {
        DIALECTS[self.provider]
    }

    fn answer(&self) -> Answer {
        let answer = Answer::of(self.status, self.body);
        let headers = self.headers.iter();
        headers.fold(answer, |answer, (name, value)| answer.with(name, *value))
    }

    /// Opening a store that says this to whatever it is asked, but for a login.
    async fn to_opening(&'static self) -> Error {
        let stub = self.dialect().serve(move |line| {
            let is_login = line.starts_with("POST") || line.contains("/v3");
            (!is_login).then(|| self.answer())
        });
        let files = tempfile::tempdir().unwrap();
        let opened = self.dialect().try_open(&stub, files.path()).await;
        opened.map(drop).unwrap_err()
    }

    /// Reading and looking at an object of a store that opens, and says this of its objects.
    async fn of_an_object(&'static self) -> [Error; 2] {
        let stub = self.dialect().serve(move |line| {
            let of_object = line.contains("/v2/a") || line.contains("v2%2Fa");
            of_object.then(|| self.answer())
        });
        let files = tempfile::tempdir().unwrap();
        let store = self.dialect().open(&stub, files.path()).await;
        let object = Key::new("v2/a").unwrap().into();
        let (read, head) = (store.read(&object).await, store.head(&object).await);
        [read.unwrap_err(), head.map(drop).unwrap_err()]
    }
}

/// S3 says where the bucket is to everybody, to a head in a header alone; OSS calls it a denied access.
#[tokio::test]
async fn where_a_bucket_is_is_told() {
    const SAID: [Said; 4] = [
        Said {
            provider: S3,
            status: 301,
            headers: &[("x-amz-bucket-region", "eu-9")],
            body: "<Error><Code>PermanentRedirect</Code><Message>m</Message></Error>",
        },
        Said {
            provider: S3,
            status: 400,
            headers: &[("x-amz-bucket-region", "eu-9")],
            body: "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong\
                   </Message><Region>eu-9</Region></Error>",
        },
        Said {
            provider: S3,
            status: 301,
            headers: &[],
            body: "<Error><Code>PermanentRedirect</Code><Endpoint>b.s3.eu-9.example</Endpoint></Error>",
        },
        Said {
            provider: OSS,
            status: 403,
            headers: &[],
            body: "<Error><Code>AccessDenied</Code><Message>The bucket you are attempting to access \
                   must be addressed using the specified endpoint.</Message>\
                   <Endpoint>oss-eu-9.example</Endpoint></Error>",
        },
    ];
    for said in &SAID {
        let error = said.to_opening().await;
        let name = said.dialect().name();
        assert_eq!(error.kind(), ErrorKind::Config, "{name}: {error}");
        assert!(error.message().contains("eu-9"), "{name}: {error}");
    }
}

/// "400", where every question but a head is answered with the reason.
#[tokio::test]
async fn a_name_that_is_none_is_called_so() {
    const SAID: [Said; 5] = [
        Said {
            provider: S3,
            status: 400,
            headers: &[],
            body: "<Error><Code>InvalidBucketName</Code><Message>m</Message></Error>",
        },
        Said {
            provider: OSS,
            status: 400,
            headers: &[],
            body: "<Error><Code>InvalidBucketName</Code><Message>m</Message></Error>",
        },
        Said {
            provider: ABS,
            status: 400,
            headers: &[("x-ms-error-code", "InvalidResourceName")],
            body: "<Error><Code>InvalidResourceName</Code><Message>m</Message></Error>",
        },
        Said {
            provider: GCS,
            status: 400,
            headers: &[],
            body: r#"{"error": {"message": "Invalid bucket name: 'b'", "errors": [{"reason": "invalid"}]}}"#,
        },
        Said {
            provider: SWIFT,
            status: 400,
            headers: &[],
            body: "Container name length of 300 longer than 256",
        },
    ];
    for said in &SAID {
        let error = said.to_opening().await;
        let name = said.dialect().name();
        assert_eq!(error.kind(), ErrorKind::Config, "{name}: {error}");
        assert!(
            error.message().contains("--store-container"),
            "{name}: {error}"
        );
    }
}

/// An object of Glacier was "failed: 403 InvalidObjectState", and of a head nobody knew.
#[tokio::test]
async fn an_archived_object_is_called_so() {
    const SAID: [Said; 3] = [
        Said {
            provider: S3,
            status: 403,
            headers: &[],
            body: "<Error><Code>InvalidObjectState</Code><Message>m</Message></Error>",
        },
        Said {
            provider: OSS,
            status: 403,
            headers: &[],
            body: "<Error><Code>InvalidObjectState</Code><Message>m</Message></Error>",
        },
        Said {
            provider: ABS,
            status: 409,
            headers: &[("x-ms-error-code", "BlobArchived")],
            body: "<Error><Code>BlobArchived</Code><Message>m</Message></Error>",
        },
    ];
    for said in &SAID {
        let [read, _] = said.of_an_object().await;
        let name = said.dialect().name();
        assert!(!read.is_retryable(), "{name}: {read}");
        assert!(read.message().contains("archived"), "{name}: {read}");
        // Not one of those for which an older state is taken.
        assert_eq!(read.kind(), ErrorKind::Unexpected, "{name}: {read}");
    }
}

/// Of two clocks nobody said which was wrong, and a head was "400" or "403".
#[tokio::test]
async fn a_clock_is_told_from_a_key() {
    const SAID: [Said; 3] = [
        Said {
            provider: S3,
            status: 403,
            headers: &[DATE],
            body: "<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>",
        },
        Said {
            provider: OSS,
            status: 403,
            headers: &[DATE],
            body: "<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>",
        },
        Said {
            provider: ABS,
            status: 403,
            headers: &[DATE, ("x-ms-error-code", "AuthenticationFailed")],
            body: "<Error><Code>AuthenticationFailed</Code><Message>m</Message>\
                   <AuthenticationErrorDetail>Request date header too old: 'x'\
                   </AuthenticationErrorDetail></Error>",
        },
    ];
    for said in &SAID {
        let [read, head] = said.of_an_object().await;
        for error in [said.to_opening().await, read, head] {
            let name = said.dialect().name();
            assert_eq!(error.kind(), ErrorKind::Config, "{name}: {error}");
            let theirs = error.message().contains("2099-01-01T02:00:00Z");
            assert!(theirs, "{name}: {error}");
            assert!(
                error.message().contains("this machine's"),
                "{name}: {error}"
            );
        }
    }
}

/// The new token lay in its file, and was not asked for: a head said "400", which is for good.
#[tokio::test]
async fn a_token_that_is_over_is_taken_anew() {
    const SAID: [Said; 5] = [
        Said {
            provider: S3,
            status: 400,
            headers: &[],
            body: "<Error><Code>ExpiredToken</Code><Message>m</Message></Error>",
        },
        Said {
            provider: OSS,
            status: 403,
            headers: &[],
            body: "<Error><Code>SecurityTokenExpired</Code><Message>m</Message></Error>",
        },
        Said {
            provider: ABS,
            status: 403,
            headers: &[("x-ms-error-code", "AuthenticationFailed")],
            body: "<Error><Code>AuthenticationFailed</Code><Message>m</Message>\
                   <AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [x] \
                   </AuthenticationErrorDetail></Error>",
        },
        Said {
            provider: GCS,
            status: 401,
            headers: &[],
            body: r#"{"error": {"message": "Invalid Credentials", "errors": [{"reason": "authError"}]}}"#,
        },
        Said {
            provider: SWIFT,
            status: 401,
            headers: &[],
            body: "<html>Unauthorized</html>",
        },
    ];
    for said in &SAID {
        let [read, head] = said.of_an_object().await;
        for error in [said.to_opening().await, read, head] {
            let name = said.dialect().name();
            assert_eq!(error.kind(), ErrorKind::Denied, "{name}: {error}");
            assert!(error.is_retryable(), "{name}: {error}");
        }
    }
}

/// A key that is wrong is wrong at every try: nothing of the above is one.
#[tokio::test]
async fn a_key_that_is_wrong_is_not_taken_anew() {
    const SAID: [Said; 3] = [
        Said {
            provider: S3,
            status: 403,
            headers: &[("x-amz-bucket-region", "eu-9")],
            body: "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message></Error>",
        },
        Said {
            provider: OSS,
            status: 403,
            headers: &[],
            body: "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message></Error>",
        },
        Said {
            provider: ABS,
            status: 403,
            headers: &[("x-ms-error-code", "AuthenticationFailed")],
            body: "<Error><Code>AuthenticationFailed</Code><Message>m</Message>\
                   <AuthenticationErrorDetail>The MAC signature found in the HTTP request 'hush' is not the \
                   same as any computed signature.</AuthenticationErrorDetail></Error>",
        },
    ];
    for said in &SAID {
        for error in said.of_an_object().await {
            let name = said.dialect().name();
            assert_eq!(error.kind(), ErrorKind::Denied, "{name}: {error}");
            assert!(!error.is_retryable(), "{name}: {error}");
            assert!(!format!("{error:?}").contains("hush"), "{name}: {error:?}");
        }
    }
}
