//! Without the identity nothing is read, nothing older is taken in its place, and it is said what to do.

use crate::chain::{Chain, names, recipients};
use crate::support::{Site, contents};

/// Words that make each command that reads do it.
const READING: [(&str, &[&str]); 7] = [
    ("restore", &[]),
    ("verify", &[]),
    ("get", &["", "--prefix"]),
    ("diff", &["2", "latest"]),
    ("export", &["never.db"]),
    ("drill", &[]),
    ("compact", &[]),
];

#[test]
fn no_identity_and_another_one_are_refused_by_every_command() {
    let chain = Chain::taken();
    let before = contents(&chain.site.store());
    let outsider = chain.outsider.flags();
    for identity in [&[][..], &outsider[..]] {
        for (verb, words) in READING {
            let words = match verb {
                "compact" => &["--encrypt-recipients", &chain.recipients][..],
                _ => words,
            };
            let words = [words, identity].concat();
            let told = ["cannot decrypt v2/", ".age", "keys/", "--identity"];
            chain.fails((verb, &words), &told);
        }
        let to = ["--to", chain.etcd.client_url()];
        let run = chain
            .site
            .run("extract", &[&["/x"], &to[..], identity].concat());
        run.failed_with(&["cannot decrypt v2/", "keys/", "--identity"]);
    }
    assert_eq!(contents(&chain.site.store()), before);
}

/// A sidecar whose identity is missing must not put an older, plain state in the place of a newer one.
#[test]
fn an_initialization_without_the_identity_is_refused_beside_an_older_state() {
    let chain = Chain::taken();
    // Older, plain, and restorable.
    let plain = chain.site.run(
        "snapshot",
        &["--once", "--endpoints", chain.etcd.client_url()],
    );
    assert_eq!(plain.code, Some(0), "{}", plain.stderr);
    chain.etcd.put(b"/newer", b"1").unwrap();
    chain.take(&["delta"]);
    let dir = chain.site.path().join("member.etcd");
    let place = ["--data-dir", dir.to_str().unwrap()];
    let outsider = chain.outsider.flags();
    for identity in [&[][..], &outsider[..]] {
        let run = chain
            .site
            .run("initialize", &[&place[..], identity].concat());
        assert_ne!(run.code, Some(0), "{}", run.stdout);
        for word in ["cannot decrypt v2/", ".age", "--identity"] {
            assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
        }
        assert!(!run.stderr.contains("damaged"), "{}", run.stderr);
        assert!(!dir.exists(), "something was restored");
    }
}

/// A key that is gone is told with its name, and is no damage that an older state makes good.
#[test]
fn a_key_that_is_gone_is_told() {
    let chain = Chain::taken();
    for file in chain.key_files() {
        std::fs::remove_file(file).unwrap();
    }
    let run = chain.site.run("verify", &chain.operator.flags());
    run.failed_with(&[
        "cannot decrypt v2/",
        "is not in the store",
        "a copy of the store",
    ]);
    let checked = chain.site.run_sub("keys", "check", &chain.operator.flags());
    assert_eq!(checked.code, Some(1));
    assert!(
        checked.stdout.contains("is not in the store"),
        "{}",
        checked.stdout
    );
}

/// Another process that has no identity cannot go on: it could not prove what it continues.
#[test]
fn a_snapshotter_without_an_identity_takes_a_full_with_a_key_of_its_own() {
    let chain = Chain::taken();
    chain.etcd.put(b"/more", b"1").unwrap();
    let keys = chain.key_files().len();
    let told = chain.take(&["delta"]);
    assert!(told["full"].is_object(), "{told}");
    assert_eq!(chain.key_files().len(), keys + 1);
    assert_eq!(
        chain.site.restored_hash(&chain.operator.flags()),
        chain.hash()
    );
}

/// Two operators may restore, each by himself.
#[test]
fn each_recipient_reads_alone() {
    let mut chain = Chain::taken();
    let both = [&chain.operator, &chain.outsider];
    chain.recipients = recipients(&chain.site, "both.txt", &both);
    chain.take(&["--once"]);
    for operator in [&chain.operator, &chain.outsider] {
        assert_eq!(chain.site.restored_hash(&operator.flags()), chain.hash());
    }
}

/// The same of a file that was exported, or of another cluster.
#[test]
fn an_import_without_recipients_is_refused() {
    let chain = Chain::taken();
    let file = chain.site.path().join("exported.db");
    let file = file.to_str().unwrap();
    let exported = chain
        .site
        .run("export", &[&[file][..], &chain.operator.flags()].concat());
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let before = contents(&chain.site.store());
    let run = chain.site.run(
        "import",
        &[
            &[file, "--time", "2026-01-01T00:00:00Z"][..],
            &chain.operator.flags(),
        ]
        .concat(),
    );
    run.failed_with(&[
        "nothing was imported",
        "for all to read",
        "--encrypt-recipients",
    ]);
    assert_eq!(contents(&chain.site.store()), before);
}

/// An import that was killed between what is known of its full and the full could not be run again: each run encrypts with another key, and
/// the metadata of the first stood in the way.
#[test]
fn an_import_that_was_stopped_is_run_again() {
    let chain = Chain::taken();
    let site = Site::new();
    let file = site.path().join("exported.db");
    let file = file.to_str().unwrap();
    let exported = chain
        .site
        .run("export", &[&[file][..], &chain.operator.flags()].concat());
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let import = || {
        let recipients = ["--encrypt-recipients", &chain.recipients];
        let run = site.run("import", &[&[file][..], &recipients].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    };
    import();
    let name = names(&site, "v2").remove(0);
    std::fs::remove_file(site.store().join("v2").join(&name)).unwrap();
    import();
    assert_eq!(names(&site, "v2"), [name]);
    assert_eq!(site.restored_hash(&chain.operator.flags()), chain.hash());
}

/// Deltas were replaced by one that was encrypted for somebody whose identity nobody had shown.
#[test]
fn deltas_are_not_replaced_by_what_only_others_read() {
    let chain = Chain::taken();
    chain.take(&[&["--once"][..], &chain.operator.flags()].concat());
    let theirs = recipients(&chain.site, "theirs.txt", &[&chain.outsider]);
    let before = contents(&chain.site.store());
    let words = ["--levels", "--encrypt-recipients", &theirs];
    let run = chain
        .site
        .run("compact", &[&words[..], &chain.operator.flags()].concat());
    run.failed_with(&["nothing was merged", "--identity"]);
    assert_eq!(contents(&chain.site.store()), before);
}

/// A flag that was forgotten must not put into the store for all to read what was encrypted.
#[test]
fn a_compaction_without_recipients_is_refused() {
    let chain = Chain::taken();
    let before = contents(&chain.site.store());
    for words in [&[][..], &["--levels"]] {
        if words == ["--levels"] {
            chain.take(&[&["--once"][..], &chain.operator.flags()].concat());
        }
        let run = chain
            .site
            .run("compact", &[words, &chain.operator.flags()].concat());
        run.failed_with(&["nothing was compacted", "v2/", "--encrypt-recipients"]);
        assert!(chain.names().iter().all(|name| name.ends_with(".age")));
        if words.is_empty() {
            assert_eq!(contents(&chain.site.store()), before);
        }
    }
}
