//! `keys`: what is there, other recipients, and whether all of it opens; and what `gc` and `copy` do with keys.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::chain::{Chain, Operator, names, recipients};
use crate::support::{Run, Site, contents};

fn keys(site: &Site, verb: &str, flags: &[&str]) -> Run {
    site.run_sub("keys", verb, &[flags, &["-o", "json"]].concat())
}

fn json(run: Run) -> Value {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_rotation_writes_keys_and_nothing_else() {
    let chain = Chain::taken();
    let new = Operator::new(&chain.site, "new");
    let to = recipients(&chain.site, "new.txt", &[&new]);
    let listed = json(keys(&chain.site, "list", &chain.operator.flags()));
    // One for the full, and one for each process that went on.
    assert_eq!(listed["keys"].as_array().unwrap().len(), 3, "{listed}");
    for key in listed["keys"].as_array().unwrap() {
        assert_eq!(
            (&key["opens"], &key["recipients"], &key["objects"]),
            (&"yes".into(), &1.into(), &1.into())
        );
    }
    let unopened = json(keys(&chain.site, "list", &chain.outsider.flags()));
    assert_eq!(unopened["keys"][0]["opens"], "no", "{unopened}");

    let before = contents(&chain.site.store());
    let flags = [
        &["--for-others", "--encrypt-recipients", to.as_str()][..],
        &chain.operator.flags(),
    ]
    .concat();
    let plan = json(keys(&chain.site, "rotate", &flags));
    assert_eq!(plan["keys"][0]["outcome"], "would_rotate", "{plan}");
    assert_eq!(contents(&chain.site.store()), before, "a plan has written");

    // By somebody whom they are not for: nothing changes, and it is told.
    let foreign = [
        &["--for-others", "--encrypt-recipients", &to, "--apply"][..],
        &chain.outsider.flags(),
    ]
    .concat();
    let refused = keys(&chain.site, "rotate", &foreign);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert_eq!(contents(&chain.site.store()), before);

    let done = json(keys(
        &chain.site,
        "rotate",
        &[&flags[..], &["--apply"]].concat(),
    ));
    assert_eq!(done["failed"], 0, "{done}");
    let is_object = |path: &PathBuf| !path.to_str().unwrap().contains("/keys");
    let objects = |all: BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<_, _> {
        all.into_iter()
            .filter(|(path, _)| is_object(path))
            .collect()
    };
    assert_eq!(objects(contents(&chain.site.store())), objects(before));
    assert_eq!(chain.site.restored_hash(&new.flags()), chain.hash());
    chain
        .site
        .run("verify", &chain.operator.flags())
        .failed_with(&["cannot decrypt", "not for any of the identities"]);
    let checked = json(keys(&chain.site, "check", &new.flags()));
    assert_eq!(
        (&checked["keys"], &checked["objects"]),
        (&3.into(), &3.into())
    );
    // Whoever goes on while the recipients are others is not confused.
    chain.etcd.put(b"/more", b"1").unwrap();
    chain.take(&[&["delta"][..], &new.flags()].concat());
}

/// A file with the recipients of somebody else locked everybody out in one step: each key was encrypted for an identity that nobody
/// who was there had ever tried.
#[test]
fn a_rotation_for_others_alone_is_asked_for() {
    let chain = Chain::taken();
    let theirs = recipients(&chain.site, "theirs.txt", &[&chain.outsider]);
    let before = contents(&chain.site.store());
    let mine = chain.operator.flags();
    let rotate = |flags: &[&str]| {
        let to = ["--encrypt-recipients", theirs.as_str()];
        keys(&chain.site, "rotate", &[flags, &to, &mine].concat())
    };
    for flags in [&[][..], &["--apply"]] {
        rotate(flags).failed_with(&[
            "nothing was rotated",
            "would lock everybody out",
            "--for-others",
        ]);
        assert_eq!(contents(&chain.site.store()), before);
    }
    json(rotate(&["--apply", "--for-others"]));
    assert_eq!(
        chain.site.restored_hash(&chain.outsider.flags()),
        chain.hash()
    );
}

/// A rotation that was stopped leaves each key whole: for those of before, or for those of after.
#[test]
fn a_rotation_that_was_stopped_goes_on() {
    let chain = Chain::taken();
    let new = Operator::new(&chain.site, "new");
    let to = recipients(&chain.site, "new.txt", &[&new]);
    let first = chain.key_files().remove(0);
    let old = fs::read(&first).unwrap();
    let rotate = |identities: &[&str]| {
        let flags = ["--encrypt-recipients", &to, "--apply", "--for-others"];
        keys(&chain.site, "rotate", &[&flags[..], identities].concat())
    };
    json(rotate(&chain.operator.flags()));
    // As if it had been stopped before the first key, with what it had written beside it.
    let next = chain.site.store().join("keys/next");
    fs::create_dir_all(&next).unwrap();
    fs::copy(&first, next.join(first.file_name().unwrap())).unwrap();
    fs::write(&first, old).unwrap();
    let both = [&chain.operator.flags()[..], &new.flags()].concat();
    assert_eq!(chain.site.restored_hash(&both), chain.hash());
    json(rotate(&both));
    assert_eq!(chain.site.restored_hash(&new.flags()), chain.hash());
    assert_eq!(fs::read_dir(next).map_or(0, Iterator::count), 0);
}

/// Everything in the store is of two days ago.
fn age_all(site: &Site) {
    #[expect(
        clippy::disallowed_methods,
        reason = "files are dated by the clock of the machine"
    )]
    let long_ago = SystemTime::now() - Duration::from_secs(48 * 3600);
    for path in contents(&site.store())
        .into_keys()
        .filter(|path| path.is_file())
    {
        let file = File::options().append(true).open(path).unwrap();
        file.set_modified(long_ago).unwrap();
    }
}

/// Retention that takes a key takes all that it opens.
#[test]
fn a_collection_keeps_what_is_needed_and_removes_what_is_not() {
    let chain = Chain::taken();
    chain.take(&[&["--once"][..], &chain.operator.flags()].concat());
    let needed = chain.key_files();
    let orphan = chain
        .site
        .store()
        .join("keys")
        .join(format!("{}.age", "0".repeat(32)));
    fs::copy(&needed[0], &orphan).unwrap();
    let collect = || {
        json(chain.site.run(
            "gc",
            &[
                "-o",
                "json",
                "--garbage-collection-policy",
                "LimitBased",
                "-m",
                "9",
            ],
        ))
    };
    collect();
    assert!(orphan.exists(), "what is for it may be on its way");
    age_all(&chain.site);
    // Also where nothing is known of an object but itself.
    fs::remove_dir_all(chain.site.store().join("meta")).unwrap();
    let report = collect();
    let reasons: Vec<_> = report["objects"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["reason"] == "unused_key")
        .collect();
    assert_eq!(reasons.len(), 1, "{report}");
    assert!(!orphan.exists());
    assert_eq!(chain.key_files(), needed);
    assert_eq!(
        chain.site.restored_hash(&chain.operator.flags()),
        chain.hash()
    );
    // An object whose key cannot be told keeps them all.
    let name = chain.names().remove(1);
    chain.site.put(&name, b"not age");
    fs::copy(&needed[0], &orphan).unwrap();
    age_all(&chain.site);
    let run = chain.site.run(
        "gc",
        &["--garbage-collection-policy", "LimitBased", "-m", "9"],
    );
    assert!(
        orphan.exists() && run.stderr.contains("no key was deleted"),
        "{}",
        run.stderr
    );
}

/// Metadata that names another key had the key deleted that the object needs. Whoever may write below `meta/` alone could destroy
/// a chain so, and `keys check` saw nothing of it.
#[test]
fn what_metadata_says_of_a_key_deletes_none() {
    let chain = Chain::taken();
    let needed = chain.key_files();
    let id = needed[0].file_stem().unwrap().to_str().unwrap();
    let other = "0".repeat(32);
    for (path, text) in contents(&chain.site.store().join("meta")) {
        if path.is_file() {
            let text = String::from_utf8(text).unwrap();
            fs::write(path, text.replace(id, &other)).unwrap();
        }
    }
    age_all(&chain.site);
    let flags = ["--garbage-collection-policy", "LimitBased", "-m", "9"];
    let run = chain.site.run("gc", &flags);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(chain.key_files(), needed);
    let checked = json(keys(&chain.site, "check", &chain.operator.flags()));
    assert_eq!(checked["keys"], needed.len(), "{checked}");
    // And where that key is gone, it is missed.
    fs::rename(&needed[0], needed[0].with_file_name(format!("{other}.age"))).unwrap();
    let run = keys(&chain.site, "check", &chain.operator.flags());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stdout
            .contains(&format!("its key keys/{id}.age is not in the store"))
    );
}

/// A schedule with a wrong prefix was green for ever.
#[test]
fn a_check_of_nothing_is_none() {
    let chain = Chain::taken();
    let elsewhere = [&["--store-prefix", "other"][..], &chain.operator.flags()].concat();
    keys(&chain.site, "check", &elsewhere).failed_with(&["nothing was checked", "other"]);
}

/// Objects whose key was gone, or was damaged at the destination, counted as copied, exit 0.
#[test]
fn a_copy_whose_keys_are_not_there_is_told() {
    let chain = Chain::taken();
    let from = chain.site.store();
    let source = ["--source-store-container", from.to_str().unwrap()];
    let to = Site::new();
    let copy = |flags: &[&str]| to.run("copy", &[&source[..], flags, &["-o", "json"]].concat());
    json(copy(&[]));
    let key = chain.key_files().remove(0);
    let there = to.store().join("keys").join(key.file_name().unwrap());
    let whole = fs::read(&there).unwrap();
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let mine = chain.operator.flags();
    // Whether what is encrypted in a key is whole is seen by whoever may open it.
    for (spoilt, flags) in [(&whole[..20], &[][..]), (&damaged, &mine)] {
        fs::write(&there, spoilt).unwrap();
        let run = copy(flags);
        assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["not_copied"], 1, "{report}");
        let name = key.file_name().unwrap().to_str().unwrap();
        assert!(run.stdout.contains(name), "{report}");
        assert!(run.stdout.contains("cannot be decrypted there"), "{report}");
    }
    // Gone at both: what goes on with other keys is copied all the same.
    fs::remove_file(&there).unwrap();
    fs::remove_file(&key).unwrap();
    let run = copy(&[]);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (&report["not_copied"], &report["present"]),
        (&1.into(), &2.into()),
        "{report}"
    );
    fs::write(&there, whole).unwrap();
    json(copy(&[]));
}

/// A copy without its keys is no copy.
#[test]
fn a_copy_takes_keys_along_and_needs_no_identity() {
    let chain = Chain::taken();
    let to = Site::new();
    let from = chain.site.store();
    let run = to.run(
        "copy",
        &[
            "--source-store-container",
            from.to_str().unwrap(),
            "-o",
            "json",
        ],
    );
    let report = json(run);
    assert_eq!(
        (&report["copied"], &report["not_copied"]),
        (&3.into(), &0.into())
    );
    for place in ["v2", "keys", "meta"] {
        for name in names(&chain.site, place) {
            let path = |site: &Site| site.store().join(place).join(&name);
            assert_eq!(
                fs::read(path(&to)).unwrap(),
                fs::read(path(&chain.site)).unwrap(),
                "{name}"
            );
        }
    }
    assert_eq!(to.restored_hash(&chain.operator.flags()), chain.hash());
}
