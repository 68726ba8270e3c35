//! What the new full is.

use std::fs;

use serde_json::{Value, json};
use testkit::backup::Compression::{self, Gzip};
use testkit::backup::compress;

use crate::run::{added, compacted, file_name};
use crate::support::{Site, contents, delta_name, full_name};

#[test]
fn a_compacted_full_restores_what_the_chain_did() {
    let (site, _) = Site::with_history();
    let chain = site.restored_hash(&["--compact"]);
    let before = contents(&site.store());
    let report = compacted(&site, &[]);
    // By a clock that is behind that of who wrote the deltas: the full comes after them all the same.
    let name = "Full-00000000-00000060-1800000061.gz";
    assert_eq!(file_name(&report), name);
    let new = [
        "meta".to_owned(),
        format!("meta/{name}.json"),
        format!("v2/{name}"),
    ];
    assert_eq!(added(&site, &before), new);
    assert_eq!(report["hash_kv"], chain);
    assert_eq!(
        (
            &report["compacted"],
            &report["revision"],
            &report["base_revision"]
        ),
        (&true.into(), &60.into(), &20.into())
    );
    assert_eq!(report["deltas"].as_array().unwrap().len(), 2);
    let stored = site.read(name).len();
    assert_eq!(report["stored_bytes"], stored);
    let restored = site.restore(&[]);
    assert_eq!(restored["base"], report["snapshot"]);
    assert_eq!(restored["deltas"], json!([]));
    assert_eq!(
        (&restored["hash_kv"], &restored["compact_revision"]),
        (&report["hash_kv"], &60.into())
    );
    assert_eq!(restored["hashes"], "checked");
    // What was there before it can still be restored.
    fs::remove_dir_all(site.data_dir()).unwrap();
    assert_eq!(site.restore(&["--to-revision", "47"])["revision"], 47);
    let verified = site.run("verify", &["-o", "json"]);
    let verified: Value = serde_json::from_str(&verified.stdout).unwrap();
    assert_eq!(verified["hash_kv"], chain);
}

/// Deltas that were written meanwhile go on after it.
#[test]
fn later_deltas_continue_a_compacted_full() {
    let (site, mut history) = Site::with_history();
    history.wander(90, 5);
    compacted(&site, &[]);
    site.put_delta(&history, 61, 90);
    let whole = Site::new();
    whole.put_full(&history, 90);
    let report = site.restore(&["--compact"]);
    assert_eq!(report["hash_kv"], whole.restored_hash(&["--compact"]));
    assert_eq!(report["deltas"].as_array().unwrap().len(), 1);
    let again = compacted(&site, &[]);
    assert_eq!(
        (&again["base_revision"], &again["revision"]),
        (&60.into(), &90.into())
    );
    assert_eq!(again["hash_kv"], report["hash_kv"]);
}

#[test]
fn it_is_compressed_as_the_last_delta_is_unless_flags_say_otherwise() {
    let cases: [(Compression, &[&str], &str); 6] = [
        (Compression::Zlib, &[], ".zlib"),
        (Compression::Lzw, &[], ".Z"),
        (Compression::None, &[], ""),
        (Compression::Zlib, &["--compression-policy", "gzip"], ".gz"),
        (Compression::Zlib, &["--compress-snapshots=false"], ""),
        (Compression::None, &["--compress-snapshots"], ".gz"),
    ];
    for (last, flags, suffix) in cases {
        let (site, history) = Site::with_history();
        site.remove(&delta_name(41, 60, Gzip));
        let content = compress(last, &history.delta(41..=60));
        site.put(&delta_name(41, 60, last), content);
        let chain = site.restored_hash(&["--compact"]);
        let report = compacted(&site, flags);
        let name = format!("v2/Full-00000000-00000060-1800000061{suffix}");
        assert_eq!(report["snapshot"], name, "{flags:?}");
        assert_eq!(site.restore(&[])["hash_kv"], chain, "{flags:?}");
    }
}

#[test]
fn the_full_of_a_final_one_is_final() {
    let (site, history) = (Site::new(), Site::with_history().1);
    let full = format!("{}.final", full_name(20, Gzip));
    site.put(&full, compress(Gzip, &history.full(20)));
    site.put_delta(&history, 21, 60);
    let name = file_name(&compacted(&site, &["--read-back"]));
    assert!(name.ends_with(".gz.final"), "{name}");
    assert_eq!(site.restore(&[])["revision"], 60);
}
