//! Backups that lead further than the directories, or as far.

use std::fs;
use std::path::Path;

use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::Etcd;

use crate::lost::{cluster, planned, put, run};
use crate::support::initialized::DB;

/// A store with one full of this etcd.
fn backed_up(etcd: &Etcd, revision: i64, dir: &Path) {
    let mut database = Vec::new();
    etcd.snapshot(&mut database).unwrap();
    let mut store = Store::create(dir.to_owned(), Layout::V2).unwrap();
    let full = store.full(revision, &database, Compression::Gzip, Occasion::Regular);
    full.unwrap();
}

/// All that was left was a member that had stopped long ago, and the backups held what was written since: the plan went on
/// from the member without a word.
#[test]
fn a_backup_that_leads_further_is_not_passed_over() {
    let room = tempfile::tempdir().unwrap();
    let (mut etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "before");
    etcds.remove(0).kill();
    let revision = put(&etcds, "after");
    let store = room.path().join("store");
    backed_up(&etcds[0], revision, &store);
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let (early, late) = (&members[0].1, &members[1].1);
    let named = ["--store-container", store.to_str().unwrap()];
    let leads = format!("lead to revision {revision}");
    run(&[early], &named).failed_with(&[&leads, "nothing is done", "etcdbrctl restore"]);
    // Left out, it is no reason.
    let plan = planned(&[early], &[]);
    assert_eq!(plan["standing"]["revision"], revision - 1);

    // As far as the directory: it is told of, and what does it asks again.
    let plan = planned(&[early, late], &named);
    assert_eq!(plan["standing"]["revision"], revision);
    assert_eq!(plan["backup"]["revision"], revision);
    let command = plan["command"].as_str().unwrap();
    assert!(command.contains("--store-container="), "{command}");
    let told = run(&[early, late], &named).stdout;
    assert!(told.contains(&leads), "{told}");

    // Nothing is left but the backup.
    for dir in [early, late] {
        let mut database = fs::read(dir.join(DB)).unwrap();
        database[..2 * 4096].fill(0);
        fs::write(dir.join(DB), database).unwrap();
    }
    let none = run(&[early, late], &named);
    none.failed_with(&["no directory is valid", &leads, "etcdbrctl restore"]);
    // One that cannot be opened, or leads nowhere, is not none.
    let words = ["so nothing is done", "leave the store out"];
    let bucket = ["--storage-provider", "S3", "--store-container", "bucket"];
    run(&[late], &bucket).failed_with(&words);
    let alone = room.path().join("delta");
    fs::create_dir_all(alone.join("v2")).unwrap();
    fs::write(alone.join("v2/Incr-00000050-00000060-1800000000"), "").unwrap();
    let named = ["--store-container", alone.to_str().unwrap()];
    run(&[late], &named).failed_with(&words);
}
