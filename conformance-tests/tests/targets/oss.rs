//! OSS, on our own emulator, which `tests/oss2.rs` holds to the vendor's client. It runs in this
//! process.

use std::fs;
use std::path::Path;

use conformance_tests::Target;
use conformance_tests::oss::{Account, Emulator};
use snapstore::StoreConfig;

use super::{BUCKET, Stand, environment, opened_once, reply};

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
    let emulator = emulator();
    let targets = WAYS.map(|(way, own)| {
        let files = room.join(format!("oss-{way}"));
        let config = StoreConfig {
            prefix: format!("suite/oss-{way}"),
            ..signed(emulator.url(), &files, own)
        };
        opened_once(
            &format!("oss(emulator,{way})"),
            snapstore_oss::PROVIDER,
            config,
        )
    });
    (targets.into(), emulator)
}

pub(crate) fn emulator() -> Emulator {
    let accounts = vec![
        Account::new(ID, SECRET),
        Account::session(SESSION, SECRET, TOKEN),
    ];
    let emulator = Emulator::start(accounts).unwrap();
    emulator.create_bucket(BUCKET);
    emulator
}

/// The server, for those who put something before it. It must live as long as that.
pub(crate) fn stand() -> (Stand, Emulator) {
    let emulator = emulator();
    let stand = Stand {
        name: "oss(emulator)",
        provider: snapstore_oss::PROVIDER,
        server: Ok(emulator.url().to_owned()),
        store,
        // OSS API reference, "Error responses".
        expired: Some(|| {
            let text = "<Error><Code>InvalidSecurityToken</Code><Message>The security token you \
                        provided has expired.</Message></Error>";
            reply(403, text)
        }),
    };
    (stand, emulator)
}

/// The store at `endpoint` for a session, its credentials in `files`.
pub(crate) fn store(endpoint: &str, files: &Path) -> StoreConfig {
    let (_, session) = WAYS[2];
    signed(endpoint, files, session)
}

fn signed(endpoint: &str, files: &Path, own: &[(&str, &str)]) -> StoreConfig {
    credentials(files, endpoint, own);
    let files = files.display().to_string();
    StoreConfig {
        container: BUCKET.into(),
        environment: environment([("ALICLOUD_APPLICATION_CREDENTIALS", &*files)]),
        ..StoreConfig::default()
    }
}

/// A directory as Kubernetes mounts it, values with a newline at the end.
fn credentials(dir: &Path, url: &str, own: &[(&str, &str)]) {
    fs::create_dir_all(dir).unwrap();
    let shared = [("storageEndpoint", url), ("accessKeySecret", SECRET)];
    for (name, value) in shared.iter().chain(own) {
        fs::write(dir.join(name), format!("{value}\n")).unwrap();
    }
}
