//! A chain that was taken of a real etcd, encrypted.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use testkit::etcd::Etcd;
use testkit::oracles;
use testkit::program;

use crate::support::{Run, Site, contents};

/// What must not stand in the store: a value, and the name of its key, as it is and in base64 at each of three places.
pub(crate) const SECRETS: [&str; 8] = [
    "hunter2-of-the-shop",
    "aHVudGVyMi1vZi10aGUtc2hvc",
    "h1bnRlcjItb2YtdGhlLXNob3",
    "odW50ZXIyLW9mLXRoZS1zaG9w",
    "/registry/secrets/shop/card",
    "L3JlZ2lzdHJ5L3NlY3JldHMvc2hvcC9jYXJk",
    "9yZWdpc3RyeS9zZWNyZXRzL3Nob3AvY2FyZ",
    "vcmVnaXN0cnkvc2VjcmV0cy9zaG9wL2NhcmQ",
];

pub(crate) const CARD: &str = "/registry/secrets/shop/card";

/// An operator: an identity, and who it is for others.
pub(crate) struct Operator {
    pub(crate) identity: PathBuf,
    pub(crate) recipient: String,
}

impl Operator {
    /// By Go's own tool, as the page says.
    pub(crate) fn new(site: &Site, name: &str) -> Self {
        let keygen = oracles::age().unwrap().sibling("age-keygen").unwrap();
        let identity = site.path().join(format!("{name}.key"));
        program::run(Command::new(&keygen).arg("-o").arg(&identity)).unwrap();
        let shown = Command::new(&keygen).arg("-y").arg(&identity).output();
        let recipient = String::from_utf8(shown.unwrap().stdout).unwrap();
        Self {
            identity,
            recipient: recipient.trim().to_owned(),
        }
    }

    pub(crate) fn flags(&self) -> [&str; 2] {
        ["--identity", self.identity.to_str().unwrap()]
    }
}

/// A file with these recipients.
pub(crate) fn recipients(site: &Site, name: &str, operators: &[&Operator]) -> String {
    let path = site.path().join(name);
    let lines: Vec<_> = operators.iter().map(|one| one.recipient.as_str()).collect();
    fs::write(
        &path,
        format!("# Who may restore\n\n{}\n", lines.join("\n")),
    )
    .unwrap();
    path.to_str().unwrap().to_owned()
}

/// A full, a delta, and a second delta by another process that had the identity.
pub(crate) struct Chain {
    pub(crate) site: Site,
    pub(crate) etcd: Etcd,
    pub(crate) operator: Operator,
    pub(crate) outsider: Operator,
    pub(crate) recipients: String,
}

impl Chain {
    pub(crate) fn taken() -> Self {
        Self::taken_with(&["--compression-policy=gzip"])
    }

    pub(crate) fn taken_with(flags: &[&str]) -> Self {
        let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
        let site = Site::new();
        let operator = Operator::new(&site, "operator");
        let outsider = Operator::new(&site, "outsider");
        let recipients = recipients(&site, "recipients.txt", &[&operator]);
        etcd.until_its_version_is_stored().unwrap();
        let chain = Self {
            site,
            etcd,
            operator,
            outsider,
            recipients,
        };
        chain
            .etcd
            .put(CARD.as_bytes(), SECRETS[0].as_bytes())
            .unwrap();
        chain.take(&[&["--once"], flags].concat());
        chain.etcd.put(CARD.as_bytes(), b"newer").unwrap();
        chain.etcd.put(b"/other", SECRETS[0].as_bytes()).unwrap();
        chain.take(&[&["delta"], flags, &chain.operator.flags()].concat());
        chain
            .etcd
            .put(CARD.as_bytes(), SECRETS[0].as_bytes())
            .unwrap();
        chain.take(&[&["delta"], flags, &chain.operator.flags()].concat());
        chain
    }

    /// What a snapshotter with these flags takes, encrypted.
    pub(crate) fn take(&self, flags: &[&str]) -> Value {
        let run = self.taking(flags);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    pub(crate) fn taking(&self, flags: &[&str]) -> Run {
        let to = [
            "--endpoints",
            self.etcd.client_url(),
            "--encrypt-recipients",
            &self.recipients,
            "-o",
            "json",
        ];
        self.site.run("snapshot", &[flags, &to].concat())
    }

    pub(crate) fn hash(&self) -> u64 {
        u64::from(self.etcd.hash_kv(0).unwrap().hash)
    }

    /// The names of all snapshots, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.site, "v2")
    }

    pub(crate) fn key_files(&self) -> Vec<PathBuf> {
        let dir = self.site.store().join("keys");
        let found = contents(&dir).into_keys();
        found.filter(|path| path.is_file()).collect()
    }

    /// The same with an empty store, beside the files that are named.
    pub(crate) fn with_empty_store(self) -> Self {
        fs::remove_dir_all(self.site.store()).unwrap();
        fs::create_dir_all(self.site.store().join("v2")).unwrap();
        self
    }

    /// Fails, and says all of these, wherever: a drill says it in its report.
    pub(crate) fn fails(&self, (verb, words): (&str, &[&str]), told: &[&str]) {
        let run = self.site.run(verb, words);
        match verb {
            "drill" => {
                let said = format!("{}{}", run.stdout, run.stderr);
                assert_eq!(run.code, Some(1), "{said}");
                for word in told {
                    assert!(said.contains(word), "no {word:?} in: {said}");
                }
            }
            _ => run.failed_with(told),
        }
        self.site.left_nothing();
    }
}

pub(crate) fn names(site: &Site, place: &str) -> Vec<String> {
    let found = fs::read_dir(site.store().join(place)).unwrap();
    let mut names: Vec<_> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// No file of a store holds any of what is secret.
pub(crate) fn nothing_in_clear(site: &Site) {
    for (path, bytes) in contents(&site.store()) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in {}", path.display());
        }
    }
}
