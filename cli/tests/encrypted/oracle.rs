//! Go's age reads what is written here, and the other way round.

use std::fs;
use std::process::Command;

use testkit::oracles;
use testkit::program;

use crate::chain::Chain;
use crate::support::{Run, Site};

/// Who has lost this program needs only age, and gzip.
#[test]
fn age_alone_decrypts_what_is_in_the_store() {
    let chain = Chain::taken_with(&["--compress-snapshots=false"]);
    let age = oracles::age().unwrap();
    let decrypted = |identity: &str, object: &str, name: &str| {
        let out = chain.site.path().join(name);
        let mut command = Command::new(age.path());
        command
            .args(["-d", "-i", identity, "-o"])
            .arg(&out)
            .arg(object);
        program::run(&mut command).unwrap();
        out
    };
    let full = chain.names().remove(0);
    let metadata = chain.site.store().join(format!("meta/{full}.json"));
    let metadata: serde_json::Value = serde_json::from_slice(&fs::read(metadata).unwrap()).unwrap();
    let id = metadata["encryption"]["key"].as_str().unwrap();
    let key = chain.site.store().join(format!("keys/{id}.age"));
    let key = decrypted(
        chain.operator.identity.to_str().unwrap(),
        key.to_str().unwrap(),
        "chain.key",
    );
    let object = chain.site.object(&full);
    let plain = decrypted(key.to_str().unwrap(), object.to_str().unwrap(), "full.db");
    let mut command = Command::new(crate::support::program());
    command.args(["verify", "--from-file"]).arg(&plain);
    let run = Run::of(command);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

/// What was encrypted by hand for an operator is read, as far as its name is that of a snapshot.
#[test]
fn what_age_encrypted_is_read() {
    let chain = Chain::taken();
    let age = oracles::age().unwrap();
    let (site, history) = Site::with_history();
    let plain = site.restored_hash(&[]);
    for entry in fs::read_dir(site.store().join("v2")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let to = site.object(&format!("{name}.age"));
        let mut command = Command::new(age.path());
        command
            .args(["-r", &chain.operator.recipient, "-o"])
            .arg(&to)
            .arg(&path);
        program::run(&mut command).unwrap();
        fs::remove_file(path).unwrap();
    }
    assert_eq!(site.restored_hash(&chain.operator.flags()), plain);
    site.run("verify", &chain.outsider.flags())
        .failed_with(&["cannot decrypt v2/", "names no key of this store"]);
    drop(history);
}

/// Recipients are public: whoever can write to the store can make a delta that opens. What was noted of it is encrypted with the key
/// of the chain, which he has not; it was compared by no verb.
#[test]
fn what_somebody_else_encrypted_is_not_what_was_stored() {
    let chain = Chain::taken_with(&["--compress-snapshots=false"]);
    let age = oracles::age().unwrap();
    let run = |words: &[&str]| {
        let mut command = Command::new(age.path());
        program::run(command.args(words)).unwrap();
    };
    let path = |name: &str| chain.site.path().join(name).display().to_string();
    let last = chain.names().pop().unwrap();
    let object = chain.site.object(&last).display().to_string();
    let noted = chain.site.store().join(format!("meta/{last}.json"));
    let noted: serde_json::Value = serde_json::from_slice(&fs::read(noted).unwrap()).unwrap();
    let id = noted["encryption"]["key"].as_str().unwrap();
    let key = chain.site.store().join(format!("keys/{id}.age"));
    let (key, operator) = (key.display().to_string(), &chain.operator.identity);
    let operator = operator.to_str().unwrap();
    run(&["-d", "-i", operator, "-o", &path("chain.key"), &key]);
    run(&[
        "-d",
        "-i",
        &path("chain.key"),
        "-o",
        &path("delta"),
        &object,
    ]);

    let mut content = fs::read(path("delta")).unwrap();
    content.truncate(content.len() - 32);
    let mut events: serde_json::Value = serde_json::from_slice(&content).unwrap();
    events[0]["etcdEvent"]["kv"]["value"] = "AAAA".into();
    let mut content = serde_json::to_vec(&events).unwrap();
    content.extend(<sha2::Sha256 as sha2::Digest>::digest(&content));
    fs::write(path("other"), content).unwrap();
    fs::remove_file(&object).unwrap();
    run(&[
        "-r",
        &chain.operator.recipient,
        "-o",
        &object,
        &path("other"),
    ]);

    let verified = chain.site.run("verify", &chain.operator.flags());
    verified.failed_with(&[&last, "not what was stored"]);
    let noted = chain.site.store().join(format!("meta/{last}.json"));
    fs::remove_file(noted).unwrap();
    let verified = chain.site.run("verify", &chain.operator.flags());
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
}
