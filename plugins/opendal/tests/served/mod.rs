//! Real servers, and how the plugin is told of them.
#![allow(dead_code, reason = "each test program uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use testkit::emulators::{Session, WEBDAV, accounts, bring, named};

/// The container of all tests.
pub(crate) const CONTAINER: &str = "backups";

/// Servers that nobody else uses, stopped when dropped.
pub(crate) struct Served {
    session: Session,
}

impl Served {
    /// WebDAV alone.
    pub(crate) fn webdav() -> Self {
        let session = Session::start(&[(&WEBDAV, bring(&WEBDAV).unwrap().1)]).unwrap();
        let served = Self { session };
        served.make_container("webdav");
        served
    }

    /// WebDAV, and MinIO.
    pub(crate) fn all() -> Self {
        let minio = named(&["minio".into()]).unwrap()[0];
        let wanted = [&WEBDAV, minio].map(|one| (one, bring(one).unwrap().1));
        let session = Session::start(&wanted).unwrap();
        let served = Self { session };
        served.make_container("webdav");
        // To MinIO a directory of its data is a bucket.
        served.make_container("s3");
        served
    }

    fn make_container(&self, target: &str) {
        fs::create_dir(self.data(target).join(CONTAINER)).unwrap();
    }

    /// Where a server keeps its files.
    pub(crate) fn data(&self, target: &str) -> PathBuf {
        let running = self.session.running();
        let one = running.iter().find(|one| one.target == target).unwrap();
        one.dir.join("data")
    }

    fn url(&self, target: &str) -> &str {
        let running = self.session.running();
        &running.iter().find(|one| one.target == target).unwrap().url
    }

    /// What `OPENDAL_CONFIG` says of the WebDAV server.
    pub(crate) fn webdav_with(&self, password: &str) -> String {
        let url = self.url("webdav");
        let user = accounts::WEBDAV_USER;
        format!(
            r#"{{"service": "webdav", "options": {{"endpoint": "{url}", "username": "{user}", "password": "{password}"}}}}"#
        )
    }

    /// What it says of MinIO.
    pub(crate) fn s3(&self) -> String {
        let url = self.url("s3");
        let (user, password) = (accounts::MINIO_USER, accounts::MINIO_PASSWORD);
        format!(
            r#"{{"service": "s3", "options": {{"endpoint": "{url}", "region": "us-east-1",
                "access_key_id": "{user}", "secret_access_key": "{password}"}}}}"#
        )
    }
}

/// What it says of a directory.
pub(crate) fn fs_at(root: &Path) -> String {
    format!(
        r#"{{"service": "fs", "options": {{"root": "{}"}}}}"#,
        root.display()
    )
}

/// What the host hands to a plugin.
pub(crate) fn host(prefix: &str) -> String {
    format!(
        r#"{{"container": "{CONTAINER}", "prefix": "{prefix}", "endpoint_override": null, "home": null}}"#
    )
}

/// The shared library, which cargo has built beside the tests.
pub(crate) fn library() -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let name = format!(
        "{}snapstore_opendal{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let path = deps.parent().unwrap().join(name);
    assert!(path.exists(), "{} was not built", path.display());
    path
}

/// `etcdbrctl ARGUMENTS` with the plugin, told of a service by the file `description`.
pub(crate) fn etcdbrctl(description: &Path, arguments: &[&str]) -> Output {
    let program = std::env::var_os("ETCDBRCTL")
        .expect("ETCDBRCTL names the program that loads the plugin; cargo xtask plugins sets it");
    Command::new(program)
        .args(arguments)
        .env("OPENDAL_CONFIG", description)
        .output()
        .unwrap()
}

/// All that a run has printed.
pub(crate) fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr];
    texts
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .concat()
}
