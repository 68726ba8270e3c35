//! Every promise of the contract, on a directory, in memory, on a WebDAV server, and on an object store.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod served;

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;

use conformance_tests::Target;
use snapstore::Snapstore;
use snapstore::clock::SystemClock;
use snapstore::layers::{Backoff, Retry, RetryPolicy};
use testkit::emulators::accounts;

use served::{CONTAINER, Served, fs_at, host};

fn main() -> ExitCode {
    let room = tempfile::tempdir().unwrap();
    fs::create_dir(room.path().join(CONTAINER)).unwrap();
    let served = Served::all();
    conformance_tests::run(vec![
        target("fs", fs_at(room.path())),
        target("memory", r#"{"service": "memory"}"#.to_owned()),
        retried("webdav", served.webdav_with(accounts::WEBDAV_PASSWORD)),
        target("s3(minio)", served.s3()),
    ])
}

fn target(name: &str, description: String) -> Target {
    Target::new(name, move || {
        let opened = snapstore_opendal::open_described(&host("etcd/main"), &description);
        async { opened }
    })
}

/// With the retries of the host: the server closes a connection now and then, and a case of tens of thousands of
/// requests would never end.
fn retried(name: &str, description: String) -> Target {
    Target::new(name, move || {
        let opened = snapstore_opendal::open_described(&host("etcd/main"), &description);
        async {
            let policy = RetryPolicy::new(Backoff::default(), Arc::new(SystemClock), 7);
            let store: Arc<dyn Snapstore> = Arc::new(Retry::new(opened?, policy));
            Ok(store)
        }
    })
}
