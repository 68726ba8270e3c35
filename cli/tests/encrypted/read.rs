//! What was taken encrypted is read by every command, with the identity.

use serde_json::Value;

use crate::chain::{CARD, Chain, SECRETS, nothing_in_clear};

/// The value that was written in a backup stood in the bucket for whoever may list it.
#[test]
fn an_encrypted_chain_is_read_by_every_command_and_by_no_eye() {
    for compression in ["gzip", "zlib", "lzw", "zstd", "none"] {
        let flag = match compression {
            "none" => "--compress-snapshots=false".to_owned(),
            name => format!("--compression-policy={name}"),
        };
        let chain = Chain::taken_with(&[&flag]);
        nothing_in_clear(&chain.site);
        let names = chain.names();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names.iter().all(|name| name.ends_with(".age")), "{names:?}");
        let hash = chain.site.restored_hash(&chain.operator.flags());
        assert_eq!(hash, chain.hash(), "{compression}");
    }
}

#[test]
fn each_command_that_reads_takes_the_identity() {
    let chain = Chain::taken();
    let identity = chain.operator.flags();
    let run = |verb: &str, words: &[&str]| {
        let run = chain.site.run(verb, &[words, &identity].concat());
        assert_eq!(run.code, Some(0), "{verb}: {}", run.stderr);
        run.stdout
    };
    let json = |verb: &str, words: &[&str]| -> Value {
        serde_json::from_str(&run(verb, &[words, &["-o", "json"]].concat())).unwrap()
    };
    assert_eq!(json("verify", &[])["hash_kv"], chain.hash());
    assert!(run("get", &[CARD, "--print-value-only"]).contains(SECRETS[0]));
    assert!(run("get", &[CARD, "--at-revision", "3"]).contains("newer"));
    assert!(run("diff", &["2", "latest"]).contains("/other"));
    let drill = json("drill", &[]);
    assert_eq!(drill["restored"]["hash_kv"], chain.hash(), "{drill}");
    let file = chain.site.path().join("plain.db");
    run("export", &[file.to_str().unwrap()]);
    assert!(file.exists());
    // A compaction reads with the identity, and writes for the recipients.
    let compacted = json("compact", &["--encrypt-recipients", &chain.recipients]);
    let full = compacted["snapshot"].as_str().unwrap();
    assert!(full.ends_with(".age"), "{compacted}");
    nothing_in_clear(&chain.site);
    assert_eq!(compacted["hash_kv"], chain.site.restored_hash(&identity));
    // A plain file becomes an encrypted full.
    let site = crate::support::Site::new();
    let file = file.to_str().unwrap();
    let import = ["--encrypt-recipients", &chain.recipients, "-o", "json"];
    let imported = site.run("import", &[&[file], &import[..]].concat());
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    nothing_in_clear(&site);
    assert_eq!(site.restored_hash(&identity), chain.hash());
}

/// A member whose disk is lost gets the newest state by the identity; a state older than that by nothing.
#[test]
fn an_initialization_restores_what_is_encrypted() {
    let chain = Chain::taken();
    let dir = chain.site.path().join("member.etcd");
    let place = ["--data-dir", dir.to_str().unwrap(), "-o", "json"];
    let flags = [&place[..], &chain.operator.flags()].concat();
    let run = chain.site.run("initialize", &flags);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(told["restored"]["hash_kv"], chain.hash(), "{told}");
}

/// Deltas of closed chains are merged into one that is encrypted too, and with a key that is in the store.
#[test]
fn levels_of_an_encrypted_chain_stay_encrypted() {
    let chain = Chain::taken();
    chain.take(&[&["--once"][..], &chain.operator.flags()].concat());
    let long_ago = ["--encrypt-recipients", &chain.recipients, "--levels"];
    let run = chain.site.run(
        "compact",
        &[&long_ago[..], &chain.operator.flags()].concat(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    nothing_in_clear(&chain.site);
    assert_eq!(
        chain.site.restored_hash(&chain.operator.flags()),
        chain.hash()
    );
}
