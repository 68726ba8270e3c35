//! docs/plugins.md, from a backup to a restore: a chain that etcd-backup-restore wrote, copied to a WebDAV server and
//! restored from there.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod served;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use testkit::emulators::accounts;

use served::{CONTAINER, Served, etcdbrctl, library, said};

const CHAIN: &str = "../../testdata/backups/e35-gzip";

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let snapshots = entries.filter(|entry| {
        let name = entry.file_name().into_string().unwrap();
        name.starts_with("Full-") || name.starts_with("Incr-")
    });
    let read = snapshots.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    });
    read.collect()
}

#[test]
fn a_chain_is_copied_to_webdav_and_restored_from_it() {
    let served = Served::webdav();
    let room = tempfile::tempdir().unwrap();
    let description = room.path().join("webdav.json");
    fs::write(&description, served.webdav_with(accounts::WEBDAV_PASSWORD)).unwrap();
    let chain = Path::new(env!("CARGO_MANIFEST_DIR")).join(CHAIN);
    let library = library();
    let store = [
        "--storage-provider",
        "OpenDAL",
        "--plugin",
        library.to_str().unwrap(),
        "--store-container",
        CONTAINER,
        "--store-prefix",
        "etcd/main",
    ];
    let run = |arguments: &[&str]| {
        let ran = etcdbrctl(&description, arguments);
        assert!(ran.status.success(), "{arguments:?}: {}", said(&ran));
        said(&ran)
    };
    let source = [
        "copy",
        "--source-storage-provider",
        "Local",
        "--source-store-container",
        chain.to_str().unwrap(),
    ];
    run(&[&source[..], &store].concat());

    let there = served.data("webdav").join(CONTAINER).join("etcd/main/v2");
    let copied = files(&there);
    assert_eq!(copied, files(&chain.join("v2")));

    let listed = run(&[&["list"][..], &store].concat());
    let counted = format!(
        "{} snapshots in plugin://webdav/backups/etcd/main",
        copied.len()
    );
    assert!(listed.contains(&counted), "{listed}");

    let data = room.path().join("data");
    let data = data.to_str().unwrap();
    let restored = run(&[&["restore", "--data-dir", data][..], &store].concat());
    // What etcd itself said of this state (testdata/backups/e35-gzip/hashkv.json).
    let hash = "hashkv    1951264071 at revision 10961";
    assert!(restored.contains(hash), "{restored}");
    let verified = run(&[&["verify"][..], &store].concat());
    assert!(verified.contains("10961"), "{verified}");
    let unfinished = there.parent().unwrap().join(".etcdbrctl-unfinished");
    let left = fs::read_dir(unfinished).unwrap().count();
    assert_eq!(left, 0, "nothing stays that is unfinished");
}
