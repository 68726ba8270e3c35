//! OSS, on our own emulator, which `tests/oss2.rs` holds to the vendor's client. It runs in this
//! process.

use std::path::Path;

use conformance_tests::oss::{Account, Emulator};

use super::{BUCKET, Place, Reach, mounted};

const ID: &str = "etcdbr-test";
const SECRET: &str = "etcdbr-test-secret";
const SESSION: &str = "etcdbr-session";
const TOKEN: &str = "etcdbr-token";

/// The ways to sign, and what each has in its credentials besides.
const WAYS: [(&str, &[(&str, &str)]); 3] = [
    (
        "oss(emulator,v1)",
        &[("accessKeyID", ID), ("signatureVersion", "v1")],
    ),
    (
        "oss(emulator,v4)",
        &[("accessKeyID", ID), ("region", "cn-hangzhou")],
    ),
    (
        "oss(emulator,sts)",
        &[
            ("accessKeyID", SESSION),
            ("region", "cn-hangzhou"),
            ("securityToken", TOKEN),
        ],
    ),
];

/// An emulator with everybody's bucket in it.
pub(crate) fn emulator() -> Emulator {
    let accounts = vec![
        Account::new(ID, SECRET),
        Account::session(SESSION, SECRET, TOKEN),
    ];
    let emulator = Emulator::start(accounts).unwrap();
    emulator.create_bucket(BUCKET);
    emulator
}

/// OSS with every way to sign.
pub(crate) fn places(emulator: &Emulator, room: &Path, reach: Reach<'_>) -> Vec<Place> {
    let url = reach(emulator.url());
    let place = |(name, own): &(&'static str, &[(&str, &str)])| {
        let mut values = vec![
            ("storageEndpoint", url.as_str()),
            ("accessKeySecret", SECRET),
        ];
        values.extend(*own);
        let files = mounted(&room.join(name), &values);
        Place {
            name,
            provider: snapstore_oss::PROVIDER,
            container: BUCKET,
            prefix: "suite/oss",
            endpoint_override: None,
            variables: vec![("ALICLOUD_APPLICATION_CREDENTIALS", files)],
            gaps: &[],
        }
    };
    WAYS.iter().map(place).collect()
}
