//! What is said of hashes that were not checked.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use serde_json::Value;
use support::{History, Site};
use testkit::backup::Compression;

/// A store whose full has a changed byte in a value: all but its hash is right.
fn with_a_changed_value() -> Site {
    let (site, mut history) = (Site::new(), History::default());
    history.put("key", "some-value");
    let mut full = history.full(2);
    let at = full.windows(10).position(|bytes| bytes == b"some-value");
    full[at.unwrap()] = b'S';
    site.put(&support::full_name(2, Compression::None), full);
    site
}

/// With `--skip-hash-check` a snapshot with a flipped byte was "all read and hashed", and nothing warned of it.
#[test]
fn what_was_not_checked_is_not_called_hashed() {
    let site = with_a_changed_value();
    site.run("verify", &[]).failed_with(&["SHA-256"]);
    let run = site.run("verify", &["--skip-hash-check"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("hashes not checked"), "{}", run.stdout);
    assert!(!run.stdout.contains("read and hashed"), "{}", run.stdout);
    assert_eq!(run.stderr.matches("no hash was checked").count(), 1);
    let told: Value = serde_json::from_str(
        &site
            .run("verify", &["--skip-hash-check", "-o", "json"])
            .stdout,
    )
    .unwrap();
    let restored = site.restore(&["--skip-hash-check"]);
    for report in [told, restored] {
        assert_eq!(report["hashes"], "not_checked", "{report}");
        let warned = report["warnings"].to_string();
        assert!(warned.contains("no hash was checked"), "{report}");
    }
}

#[test]
fn what_was_checked_is() {
    let (site, _) = Site::with_history();
    let run = site.run("verify", &[]);
    assert!(run.stdout.contains("all read and hashed"), "{}", run.stdout);
    let report = site.restore(&[]);
    assert_eq!(report["hashes"], "checked");
    assert_eq!(report["warnings"], Value::Array(Vec::new()));
}

/// The advice named `--to-revision` and no revision, which the name of the damaged delta tells.
#[test]
fn the_revision_before_a_damaged_delta_is_named() {
    let (site, history) = Site::with_history();
    let name = support::delta_name(41, 60, Compression::Gzip);
    let mut delta = history.delta(41..=60);
    delta[10] ^= 1;
    site.put(&name, testkit::backup::compress(Compression::Gzip, &delta));
    for verb in ["verify", "restore"] {
        site.run(verb, &[])
            .failed_with(&[&name, "--to-revision 40"]);
        let before = site.run(verb, &["--to-revision", "40"]);
        assert_eq!(before.code, Some(0), "{}", before.stderr);
    }
}
