//! S3 and its kin, on MinIO.

use std::fs;
use std::path::Path;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use conformance_tests::Target;
use snapstore::StoreConfig;
use snapstore_cloud::http::Tls;

use super::{BUCKET, Stand, endpoint, environment, opened_once, reply};

const VARIABLE: &str = "CONFORMANCE_S3";
const USER: &str = "etcdbr-test";
const PASSWORD: &str = "etcdbr-test-secret";

/// The bucket with versions and object lock.
const LOCKED: &str = "etcdbr-conformance-locked";

pub(crate) async fn targets(room: &Path) -> Vec<Target> {
    let Some(endpoint) = endpoint(VARIABLE) else {
        return vec![Target::unknown("s3(minio)", VARIABLE)];
    };
    make_buckets(&endpoint).await;
    let files = room.join("s3");
    let plain = store(&endpoint, &files);
    let files = files.display().to_string();
    let s3 = |bucket: &str| StoreConfig {
        container: bucket.into(),
        ..plain.clone()
    };
    let ecs = StoreConfig {
        prefix: "suite/ecs".into(),
        environment: environment([
            ("ECS_ENDPOINT", &*endpoint),
            ("ECS_ACCESS_KEY_ID", USER),
            ("ECS_SECRET_ACCESS_KEY", PASSWORD),
        ]),
        ..s3(BUCKET)
    };
    let ocs = StoreConfig {
        prefix: "suite/ocs".into(),
        environment: environment([("OPENSHIFT_APPLICATION_CREDENTIALS", &*files)]),
        ..s3(BUCKET)
    };
    vec![
        opened_once("s3(minio)", snapstore_s3::PROVIDER, s3(BUCKET)),
        opened_once("s3(minio,versions)", snapstore_s3::PROVIDER, s3(LOCKED)),
        opened_once("ecs(minio)", snapstore_s3::ECS, ecs),
        opened_once("ocs(minio)", snapstore_s3::OCS, ocs),
    ]
}

/// The server, for those who put something before it.
pub(crate) async fn stand() -> Stand {
    let server = endpoint(VARIABLE).ok_or(VARIABLE);
    if let Ok(endpoint) = &server {
        make_buckets(endpoint).await;
    }
    Stand {
        name: "s3(minio)",
        provider: snapstore_s3::PROVIDER,
        server,
        store,
        // Amazon S3 API Reference, "Error responses".
        expired: Some(|| {
            let text = "<Error><Code>ExpiredToken</Code><Message>The provided token has \
                        expired.</Message></Error>";
            reply(400, text)
        }),
    }
}

/// The store at `endpoint`, its credentials in `files`.
pub(crate) fn store(endpoint: &str, files: &Path) -> StoreConfig {
    credentials(files, endpoint);
    let files = files.display().to_string();
    StoreConfig {
        container: BUCKET.into(),
        prefix: "suite/s3".into(),
        environment: environment([("AWS_APPLICATION_CREDENTIALS", &*files)]),
        ..StoreConfig::default()
    }
}

/// A directory as Kubernetes mounts it, values with a newline at the end.
fn credentials(dir: &Path, endpoint: &str) {
    fs::create_dir_all(dir).unwrap();
    for (name, value) in [
        ("endpoint", endpoint),
        ("region", "us-east-1"),
        ("accessKeyID", USER),
        ("secretAccessKey", PASSWORD),
        ("s3ForcePathStyle", "true"),
    ] {
        fs::write(dir.join(name), format!("{value}\n")).unwrap();
    }
}

async fn make_buckets(endpoint: &str) {
    for (name, locked) in [(BUCKET, "false"), (LOCKED, "true")] {
        let request = http::Request::put(format!("{endpoint}/{name}"))
            .header("x-amz-bucket-object-lock-enabled", locked)
            .body("")
            .unwrap();
        let reply = snapstore_cloud::http::client(&Tls::default())
            .unwrap()
            .execute(reqwest::Request::try_from(signed(request)).unwrap())
            .await
            .unwrap();
        // 409: it is there, from an earlier run.
        let status = reply.status().as_u16();
        let said = reply.text().await.unwrap_or_default();
        assert!(
            matches!(status, 200 | 409),
            "make the bucket {name}: {status} {said}"
        );
    }
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
        SignableBody::Bytes(b""),
    );
    let (instructions, _) = sign(what.unwrap(), &how).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}
