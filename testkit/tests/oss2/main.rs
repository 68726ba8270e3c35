//! The emulator of OSS, asked by the client of its vendor. What client.py checks, and with which
//! signatures, stands there; each of its functions is a test here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::time::Duration;

use testkit::oss::{Account, Emulator};

/// Runs one function of client.py against `emulator`.
fn client(emulator: &Emulator, function: &str, arguments: &[&str]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oss2/client.py");
    let done = testkit::emulators::oss2()
        .unwrap()
        .arg(script)
        .args([function, emulator.url()])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{function} {arguments:?}: {said}");
}

fn emulator() -> Emulator {
    Emulator::start(vec![
        Account::new("etcdbr-test", "etcdbr-test-secret"),
        Account::session("STS.session", "session-secret", "session-token"),
    ])
    .unwrap()
}

const SIGNATURES: [&str; 4] = ["v1", "v4", "sts-v1", "sts-v4"];

fn with_every_signature(function: &str) {
    let emulator = emulator();
    for signature in SIGNATURES {
        client(&emulator, function, &[signature]);
    }
}

#[test]
fn objects_are_kept() {
    with_every_signature("objects");
}

#[test]
fn parts_become_objects() {
    with_every_signature("uploads");
}

#[test]
fn listings_come_in_pages() {
    with_every_signature("listings");
}

#[test]
fn ranges_count_when_they_are_inside() {
    with_every_signature("ranges");
}

#[test]
fn who_is_not_known_is_refused() {
    client(&emulator(), "unknown_accounts", &[]);
}

#[test]
fn nothing_is_overwritten_when_that_is_forbidden() {
    client(&emulator(), "overwriting", &["v4"]);
}

#[test]
fn a_bucket_with_versions_forbids_no_overwriting() {
    client(&emulator(), "versions", &["v4"]);
}

#[test]
fn what_is_retained_stays() {
    let emulator = emulator();
    client(&emulator, "retention", &["v1"]);
    client(&emulator, "retained", &["v1"]);
    emulator.age(Duration::from_secs(25 * 60 * 60));
    client(&emulator, "no_longer_retained", &["v1"]);
}

#[test]
fn a_bucket_is_made_and_retained_from_outside_too() {
    let emulator = emulator();
    emulator.create_bucket("outside");
    emulator.retain("outside", 7);
    client(&emulator, "outside", &["v4"]);
}

#[test]
fn uploads_show_how_old_they_are() {
    let emulator = emulator();
    client(&emulator, "begin_uploads", &["v4"]);
    emulator.age(Duration::from_secs(7 * 24 * 60 * 60));
    client(&emulator, "old_uploads", &["v4"]);
}

#[test]
fn keys_are_rotated() {
    let emulator = emulator();
    client(&emulator, "is_let_in", &["v4"]);
    emulator.replace_accounts(vec![Account::new("other", "key")]);
    client(&emulator, "is_shut_out", &["v4"]);
}
