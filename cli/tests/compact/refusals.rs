//! What is not compacted, and what is said of it.

use serde_json::Value;
use testkit::backup::Compression::{self, Gzip};

use crate::run::{compacted, refused};
use crate::support::{Site, contents, delta_name, full_name};

/// The reference ends with exit code 0 whether or not it did something, and says nothing.
#[test]
fn where_there_is_nothing_to_compact_it_is_said() {
    let (site, history) = Site::with_history();
    compacted(&site, &[]);
    let before = contents(&site.store());
    let nothing = compacted(&site, &[]);
    assert_eq!(
        (&nothing["compacted"], &nothing["revision"]),
        (&false.into(), &60.into())
    );
    let run = site.run("compact", &[]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains("nothing to compact"), "{}", run.stdout);
    let plan = compacted(&site, &["--dry-run"]);
    assert_eq!(plan["snapshot"], Value::Null);
    assert_eq!(contents(&site.store()), before);
    // The words would be false now.
    let mut history = history;
    history.put("one", "more");
    site.put_delta(&history, 61, 61);
    assert_eq!(compacted(&site, &[])["revision"], 61);
}

#[test]
fn what_cannot_be_restored_is_not_compacted() {
    refused(&Site::new(), &[], &["there is no snapshot"]);
    // Deltas from the first revision on restore to something, and no full stands at their beginning.
    let (site, history) = Site::with_history();
    site.remove(&full_name(20, Gzip));
    site.put_delta(&history, 2, 20);
    assert_eq!(site.restore(&[])["revision"], 60);
    refused(&site, &[], &["follow on no full"]);

    let (site, _) = Site::with_history();
    site.remove(&delta_name(21, 40, Gzip));
    refused(&site, &[], &["revisions 21 to 40 are missing"]);
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.put_delta(&history, 44, 60);
    for flags in [&[][..], &["--dry-run"]] {
        refused(&site, flags, &["revisions 41 to 43 are missing"]);
    }

    let (site, _) = Site::with_history();
    let mut full = site.read(&full_name(20, Gzip));
    let middle = full.len() / 2;
    full[middle] ^= 0x10;
    site.put(&full_name(20, Gzip), full);
    refused(&site, &[], &[&full_name(20, Gzip)]);
}

/// A full with a hash of its own would pass for whole, whatever it was made of.
#[test]
fn what_has_no_right_hash_is_not_compacted_whatever_is_said() {
    let (site, history) = Site::with_history();
    let name = delta_name(21, 40, Compression::None);
    site.remove(&delta_name(21, 40, Gzip));
    let mut content = history.delta(21..=40);
    let end = content.len();
    content[end - 1] ^= 1;
    site.put(&name, content);
    assert_eq!(site.restore(&["--skip-hash-check"])["revision"], 60);
    for flags in [&[][..], &["--skip-hash-check"], &["--skip-hash-check=true"]] {
        refused(&site, flags, &[&name, "SHA-256"]);
    }
    let run = site.run("compact", &["--skip-hash-check"]);
    assert!(
        run.stderr.contains("--skip-hash-check is without effect"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_dry_run_says_what_would_be_made_and_changes_nothing() {
    let (site, _) = Site::with_history();
    let before = contents(&site.store());
    let plan = compacted(&site, &["--dry-run"]);
    assert_eq!(plan["snapshot"], "v2/Full-00000000-00000060-1800000061.gz");
    assert_eq!(
        (&plan["dry_run"], &plan["revision"]),
        (&true.into(), &60.into())
    );
    assert_eq!(plan["deltas"].as_array().unwrap().len(), 2);
    let shown = site.run("compact", &["--dry-run"]).stdout;
    assert!(shown.contains("Nothing was changed"), "{shown}");
    for name in [full_name(20, Gzip), delta_name(41, 60, Gzip)] {
        assert!(shown.contains(&name), "{shown}");
    }
    assert_eq!(contents(&site.store()), before);
}
