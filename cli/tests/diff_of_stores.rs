//! `diff` between two stores, and between two lineages of one.
mod support;

use support::two_lineages::{NEW, OLD, two};
use support::{Run, Site};
use testkit::synthetic::History;

/// A full at 20, in which `/who` is `who`.
fn site(who: &str) -> Site {
    let (site, mut history) = (Site::new(), History::default());
    history.wander(19, 1);
    history.put("/who", who);
    site.put_full(&history, 20);
    site
}

fn between(one: &Site, other: &Site, words: &[&str]) -> Run {
    let store = one.store().display().to_string();
    let source = ["--source-store-container", &store];
    other.run("diff", &[words, &source].concat())
}

/// Whoever wanted to know whether a copy, or the backups of a second cluster, lead to the same had to restore both.
#[test]
fn two_stores_are_compared() {
    let (one, other) = (site("one"), site("other"));
    let run = between(&one, &other, &["latest", "latest"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("M /who "), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("- \"one\"\n    + \"other\"\n"),
        "{}",
        run.stdout
    );
    let same = between(&one, &one, &["latest", "20", "--exit-code"]);
    assert_eq!((same.code, &*same.stdout), (Some(0), ""), "{}", same.stderr);
}

#[test]
fn what_is_wrong_with_the_source_is_said_in_its_flags() {
    let (one, other) = (site("one"), site("other"));
    let prefix = ["--source-store-prefix", "there"];
    let run = other.run("diff", &[&["latest", "latest"], &prefix[..]].concat());
    run.failed_with(&["--source-store-prefix is given", "--source-store-container"]);
    let run = between(&one, &other, &["21", "latest"]);
    run.failed_with(&["the first state", "revision 21"]);
}

/// Two histories of one store: from where they parted, one is what the other is not.
#[test]
fn two_lineages_are_compared() {
    let site = two();
    let lineages = ["--source-lineage", OLD, "--lineage", NEW];
    let run = site.run("diff", &[&["latest", "latest"], &lineages[..]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.lines().any(|line| line.starts_with("M ")),
        "{}",
        run.stdout
    );
    for revision in ["revision 60", "revision 55"] {
        assert!(run.stderr.contains(revision), "{}", run.stderr);
    }
}
