//! Encryption that begins, and ends, while a cluster runs.

use crate::chain::{Chain, nothing_in_clear};

/// Since 2018 what kept encryption out of the reference was that a running cluster cannot begin with it.
#[test]
fn a_plain_full_and_encrypted_deltas_restore_and_so_the_other_way_round() {
    let chain = Chain::taken().with_empty_store();
    let endpoint = ["--endpoints", chain.etcd.client_url()];
    let plain = |kind: &str| {
        let words = [
            kind,
            "--identity",
            chain.operator.identity.to_str().unwrap(),
        ];
        let run = chain
            .site
            .run("snapshot", &[&words[..], &endpoint].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stderr
    };
    let put = |key: &str| chain.etcd.put(key.as_bytes(), b"1").unwrap();
    assert!(!plain("full").contains("not encrypted"));
    put("/a");
    chain.take(&["delta"]);
    put("/b");
    // A flag that was forgotten put Secrets in the clear without a word.
    let told = plain("delta");
    assert!(told.contains("what is stored from now on is not"), "{told}");
    put("/c");
    chain.take(&[&["delta"][..], &chain.operator.flags()].concat());
    let ends: Vec<bool> = chain
        .names()
        .iter()
        .map(|name| name.ends_with(".age"))
        .collect();
    assert_eq!(ends, [false, true, false, true], "{:?}", chain.names());
    assert_eq!(
        chain.site.restored_hash(&chain.operator.flags()),
        chain.hash()
    );
    chain
        .site
        .run("verify", &[])
        .failed_with(&["cannot decrypt v2/Incr-", "--identity"]);
    // From the next full on there is nothing plain.
    let chain = chain.with_empty_store();
    chain.take(&["full"]);
    nothing_in_clear(&chain.site);
}
