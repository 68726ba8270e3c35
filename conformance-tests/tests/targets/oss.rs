//! OSS, on our own emulator, which `tests/oss2.rs` holds to the vendor's client. It runs in this
//! process.

use std::fs;
use std::path::Path;

use conformance_tests::Target;
use conformance_tests::oss::{Account, Emulator};
use snapstore::StoreConfig;

use super::{BUCKET, environment, opened_once};

const ID: &str = "etcdbr-test";
const SECRET: &str = "etcdbr-test-secret";
const SESSION: &str = "etcdbr-session";
const TOKEN: &str = "etcdbr-token";

/// The ways to sign, and what each has in its credentials besides.
const WAYS: [(&str, &[(&str, &str)]); 3] = [
    ("v1", &[("accessKeyID", ID), ("signatureVersion", "v1")]),
    ("v4", &[("accessKeyID", ID), ("region", "cn-hangzhou")]),
    (
        "sts",
        &[
            ("accessKeyID", SESSION),
            ("region", "cn-hangzhou"),
            ("securityToken", TOKEN),
        ],
    ),
];

/// The stores, and what must live as long as they are used.
pub(crate) fn targets(room: &Path) -> (Vec<Target>, Emulator) {
    let accounts = vec![
        Account::new(ID, SECRET),
        Account::session(SESSION, SECRET, TOKEN),
    ];
    let emulator = Emulator::start(accounts).unwrap();
    emulator.create_bucket(BUCKET);
    let targets = WAYS.map(|(way, own)| {
        let files = room.join(format!("oss-{way}"));
        credentials(&files, emulator.url(), own);
        let files = files.display().to_string();
        let config = StoreConfig {
            container: BUCKET.into(),
            prefix: format!("suite/oss-{way}"),
            environment: environment([("ALICLOUD_APPLICATION_CREDENTIALS", &*files)]),
            ..StoreConfig::default()
        };
        opened_once(
            &format!("oss(emulator,{way})"),
            snapstore_oss::PROVIDER,
            config,
        )
    });
    (targets.into(), emulator)
}

/// A directory as Kubernetes mounts it, values with a newline at the end.
fn credentials(dir: &Path, url: &str, own: &[(&str, &str)]) {
    fs::create_dir_all(dir).unwrap();
    let shared = [("storageEndpoint", url), ("accessKeySecret", SECRET)];
    for (name, value) in shared.iter().chain(own) {
        fs::write(dir.join(name), format!("{value}\n")).unwrap();
    }
}
