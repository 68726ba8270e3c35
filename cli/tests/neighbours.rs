//! A prefix that is misspelt: a store without backups, as it seemed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;

use support::Site;

/// The backups of a cluster at `<prefix>/v2/`.
fn below(prefix: &str) -> Site {
    let (site, _) = Site::with_history();
    let place = site.store().join(prefix);
    fs::create_dir_all(&place).unwrap();
    fs::rename(site.store().join("v2"), place.join("v2")).unwrap();
    site
}

fn initialize(site: &Site, prefix: &str, more: &[&str]) -> support::Run {
    let dir = site.data_dir();
    let flags = [
        "--store-prefix",
        prefix,
        "--data-dir",
        dir.to_str().unwrap(),
    ];
    site.run("initialize", &[&flags, more].concat())
}

/// `cl` in the place of `clu` was a first start with exit code 0, and etcd began with nothing beside its backups.
/// It still is one, as for a cluster that was never backed up; but nobody looked beside it.
#[test]
fn a_prefix_of_almost_this_name_is_told() {
    let site = below("teams/clu");
    let told =
        "at a prefix of almost this name: teams/clu; if they are meant, correct --store-prefix";
    for prefix in ["teams/cl", "teams/clus", "teams/clu2"] {
        let run = initialize(&site, prefix, &[]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains("first start"), "{}", run.stdout);
        assert!(run.stderr.contains(told), "{prefix}: {}", run.stderr);
        assert!(run.stderr.contains(prefix), "{}", run.stderr);
        let listed = site.run("list", &["--store-prefix", prefix]);
        assert!(listed.stderr.contains(told), "{prefix}: {}", listed.stderr);
    }
    // The container that is right, and the one above.
    for prefix in ["teams/clu", "teams", "other", "teams/zzz", ""] {
        let listed = site.run("list", &["--store-prefix", prefix]);
        assert!(
            !listed.stderr.contains("almost"),
            "{prefix}: {}",
            listed.stderr
        );
    }
}

/// Beside `cluster-1` a slip in the first half of the name was a first start without a word: only what begins as the name
/// does was looked at. The page on initialization promised more.
#[test]
fn a_slip_in_the_first_half_of_a_name_is_told() {
    let site = below("cluster-1");
    for prefix in ["Cluster-1", "custer-1", "lcuster-1", "clustr-1", "cluster"] {
        let run = initialize(&site, prefix, &[]);
        assert!(
            run.stderr.contains("almost this name: cluster-1;"),
            "{prefix}: {}",
            run.stderr
        );
    }
    for another in ["cluster-2", "cluster-11"] {
        let run = initialize(&site, another, &[]);
        assert!(!run.stderr.contains("almost"), "{another}: {}", run.stderr);
    }
}

/// What is refused for want of a backup is told so too.
#[test]
fn a_damaged_member_whose_prefix_is_misspelt_is_told_which_is_meant() {
    let site = below("clu");
    site.restore(&["--store-prefix", "clu"]);
    support::initialized::damage(&site);
    let run = initialize(&site, "cl", &[]);
    run.failed_with(&["almost this name: clu;"]);
}

/// A fleet of numbered clusters in one bucket is no row of slips.
#[test]
fn another_number_is_another_cluster() {
    let site = below("prod-1");
    let run = initialize(&site, "prod-2", &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(!run.stderr.contains("almost"), "{}", run.stderr);
}
