//! S3 and its kin, on MinIO.

use std::path::Path;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use base64_simd::STANDARD as BASE64;
use conformance_tests::Gap;
use md5::{Digest, Md5};
use snapstore_cloud::http::Tls;

use super::{BUCKET, Place, Reach, Stand, endpoint, mounted, reply};

pub const VARIABLE: &str = "CONFORMANCE_S3";
pub const STS: &str = "CONFORMANCE_STS";
const USER: &str = "etcdbr-test";
const PASSWORD: &str = "etcdbr-test-secret";

/// The bucket whose objects cannot be deleted for a day.
const RETAINED: &str = "etcdbr-conformance-retained";

/// Its rule.
const RULE: &str = "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode>\
    <Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>";

/// The bucket with versions and object lock.
const LOCKED: &str = "etcdbr-conformance-locked";

/// S3 on a bucket without versions and on one with them and object lock; ECS and OCS.
pub async fn places(room: &Path, reach: Reach<'_>) -> Vec<Place> {
    let Some(endpoint) = endpoint(VARIABLE) else {
        return Vec::new();
    };
    make_buckets(&endpoint).await;
    let endpoint = reach(&endpoint);
    let files = credentials(&room.join("s3"), &endpoint);
    let s3 = |name, container| place(name, container, files.clone());
    let ecs = Place {
        provider: snapstore_s3::ECS,
        prefix: "suite/ecs",
        variables: vec![
            ("ECS_ENDPOINT", endpoint.clone()),
            ("ECS_ACCESS_KEY_ID", USER.into()),
            ("ECS_SECRET_ACCESS_KEY", PASSWORD.into()),
        ],
        ..s3("ecs(minio)", BUCKET)
    };
    let ocs = Place {
        provider: snapstore_s3::OCS,
        prefix: "suite/ocs",
        variables: vec![("OPENSHIFT_APPLICATION_CREDENTIALS", files.clone())],
        ..s3("ocs(minio)", BUCKET)
    };
    vec![
        s3("s3(minio)", BUCKET),
        s3("s3(minio,versions)", LOCKED),
        Place {
            retains: true,
            ..s3("s3(minio,retention)", RETAINED)
        },
        ecs,
        ocs,
    ]
}

/// The server, for those who put something before it.
pub async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(endpoint) = &server {
        make_buckets(endpoint).await;
    }
    Stand {
        name: "s3(minio)",
        words: &[],
        provider: snapstore_s3::PROVIDER,
        server,
        store: |endpoint, files| place("s3(minio)", BUCKET, credentials(files, endpoint)).config(),
        // Amazon S3 API Reference, "Error responses".
        expired: Some(|| {
            let text = "<Error><Code>ExpiredToken</Code><Message>The provided token has \
                        expired.</Message></Error>";
            reply(400, text)
        }),
    }
}

/// moto, which lists the uploads under a prefix, as S3 does and MinIO does not.
pub async fn on_moto() -> Stand {
    let server = endpoint(STS).ok_or(STS);
    if let Ok(endpoint) = &server {
        make_bucket(endpoint, BUCKET, "false").await;
    }
    Stand {
        name: "s3(moto)",
        provider: snapstore_s3::PROVIDER,
        server,
        store: |endpoint, files| place("s3(moto)", BUCKET, credentials(files, endpoint)).config(),
        expired: None,
        // As boto reads it. Amazon S3 API Reference, "ListParts".
        words: &[("ListPartsResponse", "ListPartsResult")],
    }
}

fn place(name: &'static str, container: &'static str, files: String) -> Place {
    Place {
        name,
        provider: snapstore_s3::PROVIDER,
        container,
        prefix: "suite/s3",
        endpoint_override: None,
        variables: vec![("AWS_APPLICATION_CREDENTIALS", files)],
        gaps: ONE_DRIVE,
        retains: false,
    }
}

/// Seen once, on a busy machine; which of its errors it was is not known.
pub const ONE_DRIVE: &[Gap] = &[Gap {
    case: "delete::neighbours_may_come_and_go_at_once",
    why: "MinIO on one drive was seen to refuse a put (403) beside the deletes of its neighbours",
}];

fn credentials(dir: &Path, endpoint: &str) -> String {
    let values = [
        ("endpoint", endpoint),
        ("region", "us-east-1"),
        ("accessKeyID", USER),
        ("secretAccessKey", PASSWORD),
        ("s3ForcePathStyle", "true"),
    ];
    mounted(dir, &values)
}

/// moto, which lets everybody in and has an STS: a role that a token takes on, which needs the
/// variable of STS's address in the environment of the process.
pub async fn of_a_role(room: &Path) -> Option<(Place, Place)> {
    let url = endpoint(STS)?;
    make_bucket(&url, BUCKET, "false").await;
    Some(with_keys_and_by_role(room, &url, &url))
}

/// The role on a bucket with versions and object lock, which is reached at `url`.
pub async fn of_a_role_with_versions(room: &Path, url: &str) -> Place {
    make_bucket(url, LOCKED, "true").await;
    let (_, role) = with_keys_and_by_role(room, url, url);
    Place {
        container: LOCKED,
        ..role
    }
}

fn with_keys_and_by_role(room: &Path, endpoint: &str, sts: &str) -> (Place, Place) {
    let shared = [
        ("endpoint", endpoint),
        ("region", "us-east-1"),
        ("s3ForcePathStyle", "true"),
    ];
    let place = |name, own: &[(&str, &str)]| {
        let files = mounted(&room.join(name), &[&shared, own].concat());
        Place {
            name,
            provider: snapstore_s3::PROVIDER,
            container: BUCKET,
            prefix: "suite/sts",
            endpoint_override: None,
            variables: vec![
                ("AWS_APPLICATION_CREDENTIALS", files),
                ("AWS_ENDPOINT_URL_STS", sts.to_owned()),
            ],
            gaps: &[],
            retains: false,
        }
    };
    let keys = [("accessKeyID", USER), ("secretAccessKey", PASSWORD)];
    let role = [
        ("roleARN", "arn:aws:iam::123456789012:role/etcdbr"),
        ("token", "header.claims.signature"),
    ];
    (place("s3(moto)", &keys), place("s3(moto,role)", &role))
}

/// A server with TLS that encrypts with a key of the customer's, if it is not empty; `ca` is trusted.
pub fn of_customer(dir: &Path, endpoint: &str, ca: &str, key: &str) -> Place {
    let files = credentials(dir, endpoint);
    let secrets = [
        ("trustedCaCert", ca),
        ("sseCustomerKey", key),
        (
            "sseCustomerAlgorithm",
            if key.is_empty() { "" } else { "AES256" },
        ),
    ];
    mounted(dir, &secrets);
    Place {
        prefix: "suite/customer",
        ..place("s3(minio,sse-c)", BUCKET, files)
    }
}

/// Makes the bucket at a server that may not serve yet; says what it answered.
pub async fn try_bucket(endpoint: &str, ca: &str) -> Result<(), String> {
    let tls = Tls {
        ca_pem: Some(ca.to_owned()),
        ..Tls::default()
    };
    let request = http::Request::put(format!("{endpoint}/{BUCKET}"));
    match send_with(&tls, request.body("").unwrap()).await {
        Ok((200 | 409, _)) => Ok(()),
        Ok((status, said)) => Err(format!("{status} {said}")),
        Err(error) => Err(error.to_string()),
    }
}

async fn make_buckets(endpoint: &str) {
    make_bucket(endpoint, BUCKET, "false").await;
    make_bucket(endpoint, LOCKED, "true").await;
    make_bucket(endpoint, RETAINED, "true").await;
    let rule = http::Request::put(format!("{endpoint}/{RETAINED}?object-lock="))
        .header("content-md5", BASE64.encode_to_string(Md5::digest(RULE)))
        .body(RULE)
        .unwrap();
    let (status, said) = send(rule).await;
    assert_eq!(status, 200, "make a rule: {said}");
}

async fn make_bucket(endpoint: &str, name: &str, locked: &str) {
    let request = http::Request::put(format!("{endpoint}/{name}"))
        .header("x-amz-bucket-object-lock-enabled", locked)
        .body("")
        .unwrap();
    // 409: it is there, from an earlier run.
    let (status, said) = send(request).await;
    assert!(
        matches!(status, 200 | 409),
        "make the bucket {name}: {status} {said}"
    );
}

async fn send(request: http::Request<&'static str>) -> (u16, String) {
    send_with(&Tls::default(), request).await.unwrap()
}

async fn send_with(
    tls: &Tls,
    request: http::Request<&'static str>,
) -> reqwest::Result<(u16, String)> {
    let reply = snapstore_cloud::http::client(tls)
        .unwrap()
        .execute(reqwest::Request::try_from(signed(request))?)
        .await?;
    let status = reply.status().as_u16();
    Ok((status, reply.text().await.unwrap_or_default()))
}

/// With AWS's own signer: this library has nothing that makes buckets.
fn signed(mut request: http::Request<&'static str>) -> http::Request<&'static str> {
    let identity = Credentials::new(USER, PASSWORD, None, None, "suite").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    #[expect(
        clippy::disallowed_methods,
        reason = "the server compares it with its own clock"
    )]
    let now = std::time::SystemTime::now();
    let how = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("s3")
        .time(now)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let what = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        headers,
        SignableBody::Bytes(request.body().as_bytes()),
    );
    let (instructions, _) = sign(what.unwrap(), &how).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}
