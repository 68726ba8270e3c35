//! The plugin as etcdbrctl loads it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod served;

use std::fs;
use std::path::Path;

use testkit::emulators::accounts;

use served::{CONTAINER, Served, etcdbrctl, fs_at, library, said};

/// `etcdbrctl COMMAND` on the container of the service that `description` names.
fn run(description: &Path, command: &[&str], container: &str) -> std::process::Output {
    let library = library();
    let store = [
        "--storage-provider",
        "OpenDAL",
        "--plugin",
        library.to_str().unwrap(),
        "--store-container",
        container,
        "--store-prefix",
        "etcd/main",
    ];
    etcdbrctl(description, &[command, &store].concat())
}

fn is_held(description: &Path, case: &str) {
    let held = run(description, &["conformance", "--case", case], CONTAINER);
    let said = said(&held);
    assert!(held.status.success(), "{said}");
    assert!(said.contains(" 0 broken"), "{said}");
}

#[test]
fn a_directory_and_memory_are_held_to_the_contract() {
    let room = tempfile::tempdir().unwrap();
    fs::create_dir(room.path().join(CONTAINER)).unwrap();
    let description = room.path().join("fs.json");
    fs::write(&description, fs_at(room.path())).unwrap();
    is_held(&description, "");
    let description = room.path().join("memory.json");
    fs::write(&description, r#"{"service": "memory"}"#).unwrap();
    is_held(&description, "");
}

/// But for what takes a minute, the listing of three thousand objects: `tests/conformance.rs`.
#[test]
fn a_webdav_server_is_held_to_the_contract() {
    let served = Served::webdav();
    let room = tempfile::tempdir().unwrap();
    let description = room.path().join("webdav.json");
    fs::write(&description, served.webdav_with(accounts::WEBDAV_PASSWORD)).unwrap();
    for cases in [
        "put::", "get::", "head::", "keys::", "delete::", "upload::", "list::it",
    ] {
        is_held(&description, cases);
    }
}

/// A share that is not there would be an empty store, and OpenDAL makes what is missing.
#[test]
fn what_is_wrong_is_told_without_secrets_and_nothing_is_made() {
    let served = Served::webdav();
    let room = tempfile::tempdir().unwrap();
    let description = room.path().join("opendal.json");
    let list = |text: &str, container: &str| {
        fs::write(&description, text).unwrap();
        let listed = run(&description, &["list"], container);
        assert_eq!(listed.status.code(), Some(1), "{}", said(&listed));
        said(&listed)
    };

    let refused = list(&served.webdav_with("hunter2-is-wrong"), CONTAINER);
    assert!(refused.contains("permission denied"), "{refused}");
    assert!(refused.contains("401"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");

    let gone = list(&served.webdav_with(accounts::WEBDAV_PASSWORD), "elsewhere");
    assert!(
        gone.contains("there is no directory \"elsewhere\""),
        "{gone}"
    );
    assert!(!served.data("webdav").join("elsewhere").exists());

    let not_mounted = room.path().join("not-mounted");
    let gone = list(&fs_at(&not_mounted), CONTAINER);
    assert!(gone.contains("is no directory: mount it"), "{gone}");
    assert!(!not_mounted.exists());

    let unknown = list(r#"{"service": "floppy"}"#, CONTAINER);
    assert!(
        unknown.contains("without the service \"floppy\"; it has fs, memory"),
        "{unknown}"
    );
}
