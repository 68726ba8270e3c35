use std::collections::BTreeMap;
use std::io::Read;

use super::*;

fn entries(tar: &[u8]) -> BTreeMap<String, (u32, u64, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let (mode, owner) = (
            entry.header().mode().unwrap(),
            entry.header().uid().unwrap(),
        );
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (path, (mode, owner, content))
    });
    entries.collect()
}

fn image() -> Image {
    Image::of(
        b"\x7fELF...",
        b"-----BEGIN CERTIFICATE-----",
        "1.2.3",
        Machine::X86_64,
    )
    .unwrap()
}

/// Whoever builds it again can see that nothing was put into it.
#[test]
fn one_program_makes_one_image() {
    assert_eq!(image().archive().unwrap(), image().archive().unwrap());
    let other = Image::of(
        b"\x7fELF,,,",
        b"-----BEGIN CERTIFICATE-----",
        "1.2.3",
        Machine::X86_64,
    )
    .unwrap();
    assert_ne!(other.manifest.digest, image().manifest.digest);
    let config = |image: Image| -> Value { serde_json::from_slice(&image.config.bytes).unwrap() };
    assert_eq!(config(image())["architecture"], "amd64");
}

/// Every reader of the format goes from index.json by digests: each of them must be there, of that length and that hash.
#[test]
fn every_digest_leads_to_its_bytes() {
    let archive = entries(&image().archive().unwrap());
    let json = |path: &str| -> Value { serde_json::from_slice(&archive[path].2).unwrap() };
    let blob = |descriptor: &Value| {
        let digest_of = descriptor["digest"].as_str().unwrap();
        let bytes = &archive[&format!("blobs/{}", digest_of.replacen(':', "/", 1))].2;
        assert_eq!(digest(bytes), digest_of);
        assert_eq!(descriptor["size"], bytes.len());
        bytes.clone()
    };
    assert_eq!(json("oci-layout")["imageLayoutVersion"], "1.0.0");
    let manifest: Value =
        serde_json::from_slice(&blob(&json("index.json")["manifests"][0])).unwrap();
    let config: Value = serde_json::from_slice(&blob(&manifest["config"])).unwrap();
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(&blob(&manifest["layers"][0])[..])
        .read_to_end(&mut tar)
        .unwrap();
    assert_eq!(config["rootfs"]["diff_ids"][0], digest(&tar));
    let files = entries(&tar);
    // What etcd-druid and gardener rely on in the image that this one takes the place of.
    assert_eq!(files["etcdbrctl"], (0o755, 0, b"\x7fELF...".to_vec()));
    assert_eq!((files["tmp/"].0, files["tmp/"].1), (0o1777, 0));
    assert_eq!(
        (files["home/nonroot/"].0, files["home/nonroot/"].1),
        (0o700, USER)
    );
    let passwd = String::from_utf8(files["etc/passwd"].2.clone()).unwrap();
    assert!(passwd.contains("nonroot:x:65532:65532:nonroot:/home/nonroot:"));
}

/// The Containerfile is for who builds another set of providers: it must make the same of it.
#[test]
fn the_containerfile_says_the_same() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = fs::read_to_string(root.join("packaging/Containerfile")).unwrap();
    let config: Value = serde_json::from_slice(&image().config.bytes).unwrap();
    let said = |word: &str| {
        let line = file.lines().find_map(|line| line.strip_prefix(word));
        line.map(str::trim).unwrap_or_default().to_owned()
    };
    assert_eq!(said("FROM"), "scratch");
    assert_eq!(said("USER "), config["config"]["User"].as_str().unwrap());
    let entrypoint = config["config"]["Entrypoint"].to_string();
    assert_eq!(said("ENTRYPOINT"), entrypoint);
    assert_eq!(said("ENV "), config["config"]["Env"][0].as_str().unwrap());
}

#[test]
fn hadolint_finds_nothing_in_the_containerfile() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let hadolint = testkit::oracles::hadolint().unwrap();
    let lint = |file: &std::path::Path| {
        let lint = std::process::Command::new(hadolint.path())
            .arg("--no-color")
            .arg(file)
            .output()
            .unwrap();
        (
            lint.status.success(),
            String::from_utf8(lint.stdout).unwrap(),
        )
    };
    let (is_clean, said) = lint(&root.join("packaging/Containerfile"));
    assert!(is_clean && said.is_empty(), "{said}");
    // It does find what is wrong.
    let room = tempfile::tempdir().unwrap();
    let wrong = room.path().join("Containerfile");
    fs::write(&wrong, "FROM debian:latest\nRUN cd / && sudo true\n").unwrap();
    let (is_clean, said) = lint(&wrong);
    assert!(!is_clean && said.contains("DL3004"), "{said}");
}
