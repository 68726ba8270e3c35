//! An endpoint is an address and no place for secrets.
//!
//! `--store-endpoint-override 'https://user:HUSH@host/x?sig=HUSH2'` was shown in the errors of three
//! providers and in the `Debug` of all; one page even told to put a token there, where everybody
//! on the machine can see it.

use snapstore::{Environment, ErrorKind, Provider, StoreConfig};

const PROVIDERS: [(Provider, &str); 7] = [
    (snapstore_s3::PROVIDER, "AWS_APPLICATION_CREDENTIALS"),
    (snapstore_s3::ECS, "-"),
    (snapstore_s3::OCS, "OPENSHIFT_APPLICATION_CREDENTIALS"),
    (snapstore_gcs::PROVIDER, "-"),
    (snapstore_abs::PROVIDER, "AZURE_APPLICATION_CREDENTIALS"),
    (
        snapstore_swift::PROVIDER,
        "OPENSTACK_APPLICATION_CREDENTIALS",
    ),
    (snapstore_oss::PROVIDER, "ALICLOUD_APPLICATION_CREDENTIALS"),
];

/// What the providers read their own address from, beside the flag.
const ADDRESSES: [&str; 3] = ["endpoint", "storageEndpoint", "storageAPIEndpoint"];

#[tokio::test]
async fn no_provider_shows_a_secret_in_its_endpoint() {
    for (provider, variable) in PROVIDERS {
        for endpoint in [
            "https://user:HUSH@127.0.0.1:1/x?sig=HUSH2",
            "https://user:HUSH@127.0.0.1:1",
            "https://127.0.0.1:1/?sig=HUSH2",
            "user:HUSH@host",
        ] {
            let dir = tempfile::tempdir().unwrap();
            let set = [(variable.to_owned(), dir.path().display().to_string())];
            let config = StoreConfig {
                container: "bucket".into(),
                endpoint_override: Some(endpoint.into()),
                environment: Environment::new(set),
                ..StoreConfig::default()
            };
            let shown = format!("{config:?}");
            let error = (provider.open)(config).await.unwrap_err();
            let name = provider.name;
            assert_eq!(error.kind(), ErrorKind::Config, "{name}: {error}");
            assert!(error.to_string().contains("endpoint"), "{name}: {error}");
            let shown = format!("{shown} {error} {error:?}");
            assert!(!shown.contains("HUSH"), "{name}: {shown}");
        }
    }
}

#[tokio::test]
async fn nor_one_in_the_address_among_its_credentials() {
    let of_files = PROVIDERS
        .into_iter()
        .filter(|(_, variable)| *variable != "-");
    for (provider, variable) in of_files {
        let dir = tempfile::tempdir().unwrap();
        for file in ADDRESSES {
            std::fs::write(
                dir.path().join(file),
                "https://user:HUSH@127.0.0.1:1/?sig=HUSH2",
            )
            .unwrap();
        }
        for file in [
            "region",
            "accessKeyID",
            "secretAccessKey",
            "accessKeySecret",
        ] {
            std::fs::write(dir.path().join(file), "x").unwrap();
        }
        let set = [(variable.to_owned(), dir.path().display().to_string())];
        let config = StoreConfig {
            container: "bucket".into(),
            environment: Environment::new(set),
            ..StoreConfig::default()
        };
        let error = (provider.open)(config).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("HUSH"), "{}: {shown}", provider.name);
    }
}
