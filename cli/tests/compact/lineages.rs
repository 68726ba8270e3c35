//! Stores with histories that have names, and with two.

use std::fs;

use serde_json::{Value, json};
use testkit::backup::Compression::Gzip;
use testkit::backup::{Told, compress};

use crate::run::{compacted, file_name, refused};
use crate::support::two_lineages::{NEW, OLD, newer, one, tell, two};
use crate::support::{Site, delta_name};

#[test]
fn a_full_is_of_the_lineage_that_it_was_made_of() {
    let (site, _) = one();
    let report = compacted(&site, &[]);
    assert_eq!(report["lineage"]["id"], OLD);
    let path = site
        .store()
        .join(format!("meta/{}.json", file_name(&report)));
    let metadata: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(
        (&metadata["lineage"]["id"], &metadata["cluster_id"]),
        (&OLD.into(), &"1".into())
    );
    assert_eq!(metadata["previous"]["snapshot"], delta_name(41, 60, Gzip));
    assert_eq!(
        (&metadata["holds"], &metadata["witness"]["mod_revision"]),
        (&60.into(), &60.into())
    );
    assert_eq!(
        metadata["compact"],
        json!({"scheduled": 60, "finished": 60})
    );
    let restored = site.restore(&[]);
    assert_eq!(
        (&restored["lineage"]["id"], &restored["base"]),
        (&OLD.into(), &report["snapshot"])
    );
}

/// A full that is begun now makes its lineage the newest: the next restore would bring back what was left.
#[test]
fn compacting_an_older_lineage_does_not_make_it_the_newest() {
    let site = two();
    let newest = site.restored_hash(&[]);
    let old = site.restored_hash(&["--lineage", OLD, "--compact"]);
    let report = compacted(&site, &["--lineage", OLD]);
    assert_eq!(
        (&report["hash_kv"], &report["revision"]),
        (&old.into(), &60.into())
    );
    let restored = site.restore(&[]);
    assert_eq!(
        (&restored["hash_kv"], &restored["lineage"]["id"]),
        (&newest.into(), &NEW.into())
    );
    fs::remove_dir_all(site.data_dir()).unwrap();
    assert_eq!(site.restored_hash(&["--lineage", OLD]), old);
    // Of two that did not leave each other times alone tell which is the newer.
    let (apart, _) = Site::with_history();
    let name = "Full-00000000-00000030-1800000055.gz";
    apart.put(name, compress(Gzip, &newer().full(30)));
    tell(&apart, &Told::of(NEW, 2), &[name.to_owned()]);
    refused(&apart, &["--lineage", "unknown"], &["is not the newest"]);
}

/// By its name the new full is later than all else: nobody would be told any more that there are two histories, and
/// `initialize` would take the one that was left.
#[test]
fn what_names_tell_of_two_histories_is_not_hidden() {
    let (site, _) = Site::with_history();
    let later = "Full-00000000-00000030-1800009000.gz";
    site.put(later, compress(Gzip, &newer().full(30)));
    for flags in [&[][..], &["--dry-run"]] {
        refused(
            &site,
            flags,
            &["nothing was compacted", later, "two histories"],
        );
    }
}
