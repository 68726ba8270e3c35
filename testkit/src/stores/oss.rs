//! OSS, on our own emulator, which `tests/oss2.rs` holds to the vendor's client. It runs in this
//! process.

use std::path::Path;

use crate::oss::{Account, Emulator};

use super::{BUCKET, Place, Reach, Stand, mounted, reply};

const ID: &str = "etcdbr-test";
const SECRET: &str = "etcdbr-test-secret";
const SESSION: &str = "etcdbr-session";
const TOKEN: &str = "etcdbr-token";

/// The bucket with a WORM rule.
const RETAINED: &str = "etcdbr-conformance-retained";

/// The bucket that keeps versions, where nothing is created only if absent.
const VERSIONED: &str = "etcdbr-conformance-versioned";

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
pub fn emulator() -> Emulator {
    let accounts = vec![
        Account::new(ID, SECRET),
        Account::session(SESSION, SECRET, TOKEN),
    ];
    let emulator = Emulator::start(accounts).unwrap();
    emulator.create_bucket(BUCKET);
    emulator.create_bucket(RETAINED);
    emulator.retain(RETAINED, 1);
    emulator.create_bucket(VERSIONED);
    emulator.keep_versions(VERSIONED);
    emulator
}

/// OSS with every way to sign.
pub fn places(emulator: &Emulator, room: &Path, reach: Reach<'_>) -> Vec<Place> {
    let url = reach(emulator.url());
    let place =
        |(name, own): &(&'static str, &[(&str, &str)])| place(name, own, &url, &room.join(name));
    let mut places: Vec<_> = WAYS.iter().map(place).collect();
    let (_, way) = WAYS[1];
    let files = room.join("oss-retained");
    places.push(Place {
        container: RETAINED,
        retains: true,
        ..self::place("oss(emulator,worm)", way, &url, &files)
    });
    let files = room.join("oss-versioned");
    places.push(Place {
        container: VERSIONED,
        ..self::place("oss(emulator,versions)", way, &url, &files)
    });
    places
}

/// The server, for those who put something before it; they come with a session of STS.
pub fn stand() -> (Stand, Emulator) {
    let emulator = emulator();
    let stand = Stand {
        name: "oss(emulator)",
        words: &[],
        provider: snapstore_oss::PROVIDER,
        server: Ok(emulator.url().to_owned()),
        store: |endpoint, files| {
            let (name, session) = WAYS[2];
            place(name, session, endpoint, files).config()
        },
        // OSS API reference, "Error responses".
        expired: Some(|| {
            let text = "<Error><Code>InvalidSecurityToken</Code><Message>The security token you \
                        provided has expired.</Message></Error>";
            reply(403, text)
        }),
    };
    (stand, emulator)
}

fn place(name: &'static str, own: &[(&str, &str)], url: &str, files: &Path) -> Place {
    let mut values = vec![("storageEndpoint", url), ("accessKeySecret", SECRET)];
    values.extend(own);
    Place {
        name,
        provider: snapstore_oss::PROVIDER,
        container: BUCKET,
        // Another for each way: cases of one name write the same keys, and run at once.
        prefix: name
            .trim_start_matches("oss(emulator,")
            .trim_end_matches(')'),
        endpoint_override: None,
        variables: vec![("ALICLOUD_APPLICATION_CREDENTIALS", mounted(files, &values))],
        gaps: &[],
        retains: false,
    }
}
