//! The servers of providers, as test programs are told of them, and the program on them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use testkit::emulators::accounts;
use testkit::oss::Emulator;
use testkit::proxy::Proxy;
use testkit::stores;
use testkit::stores::Place;
use tokio::runtime::Runtime;

/// A provider: the first place of its targets is taken.
pub(crate) const PROVIDERS: [&str; 5] = ["s3", "gcs", "abs", "swift", "oss"];

/// The variable that names its server; none of one that needs no server.
pub(crate) fn variable_of(family: &str) -> Option<&'static str> {
    let mut variables = stores::VARIABLES.iter();
    let own = variables.find(|(name, _)| name.starts_with(family));
    own.map(|(_, variable)| *variable)
}

/// A test on a server that `variable` names, if it is one that must be named.
pub(crate) fn trial(
    family: &'static str,
    name: &str,
    variable: Option<&'static str>,
    runtime: &Arc<Runtime>,
    test: impl FnOnce(&Runtime) -> Result<(), String> + Send + 'static,
) -> Trial {
    let unknown = variable.filter(|variable| stores::endpoint(variable).is_none());
    let Some(variable) = unknown else {
        let runtime = runtime.clone();
        let name = format!("{family}::{name}");
        return Trial::test(name, move || test(&runtime).map_err(Failed::from));
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "a test program is its own command line"
    )]
    let required = std::env::var("REQUIRE_TARGETS").unwrap_or_default();
    let is_required = required.split(',').any(|name| name.trim() == family);
    let name = format!("{family}::{name} (set {variable} to test it)");
    let message = format!("REQUIRE_TARGETS names {family}, and {variable} is not set");
    Trial::test(name, move || Err(Failed::from(message))).with_ignored_flag(!is_required)
}

/// Where a provider is, and the proxy before it.
pub(crate) struct Server {
    pub(crate) place: Place,
    /// Other containers on it, and other ways to it.
    pub(crate) others: Vec<Place>,
    pub(crate) proxy: Proxy,
    _oss: Option<Emulator>,
}

pub(crate) async fn server(family: &str, room: &Path) -> Server {
    let proxy = Mutex::new(None);
    let mut reach = |url: &str| {
        let before = Proxy::start(url).unwrap();
        let url = before.url().to_owned();
        *proxy.lock().unwrap() = Some(before);
        url
    };
    let oss = (family == "oss").then(stores::oss::emulator);
    let places = match family {
        "s3" => stores::s3::places(room, &mut reach).await,
        "gcs" => stores::gcs::places(&mut reach).await,
        "abs" => stores::abs::places(room, &mut reach).await,
        "swift" => stores::swift::places(room, &mut reach).await,
        _ => stores::oss::places(oss.as_ref().unwrap(), room, &mut reach),
    };
    let mut places = places.into_iter();
    Server {
        place: places.next().unwrap(),
        others: places.collect(),
        proxy: proxy.into_inner().unwrap().unwrap(),
        _oss: oss,
    }
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    one: &T,
    other: &T,
) -> Result<(), String> {
    if one == other {
        return Ok(());
    }
    let shown = |value: &T| format!("{value:?}").chars().take(400).collect::<String>();
    Err(format!(
        "{what}: {} here, {} there",
        shown(one),
        shown(other)
    ))
}

/// The program, with the flags and variables of one store.
pub(crate) struct Commands {
    pub(crate) flags: Vec<String>,
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Commands {
    pub(crate) fn of_directory(dir: &Path) -> Self {
        let dir = dir.display().to_string();
        Self {
            flags: vec!["--store-container".into(), dir],
            variables: Vec::new(),
        }
    }

    pub(crate) fn of_place(place: &Place, prefix: String) -> Self {
        let mut flags = vec![
            "--storage-provider".into(),
            place.provider.name.into(),
            "--store-container".into(),
            place.container.into(),
            "--store-prefix".into(),
            prefix,
        ];
        if let Some(url) = &place.endpoint_override {
            flags.extend(["--store-endpoint-override".into(), url.clone()]);
        }
        Self {
            flags,
            variables: place.variables.clone(),
        }
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().envs(self.variables.iter().cloned());
        command
            .args(words)
            .args(["--output", "json"])
            .args(&self.flags);
        command.output().unwrap()
    }

    /// Copies all of it there. The variables of the source have SOURCE_ before them, and those of the destination have not.
    pub(crate) fn copy_to(&self, to: &Self, words: &[&str]) -> Output {
        self.copying_to(to, words).output().unwrap()
    }

    /// The same, not begun yet.
    pub(crate) fn copying_to(&self, to: &Self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().envs(to.variables.iter().cloned());
        for (name, value) in &self.variables {
            command.env(format!("SOURCE_{name}"), value);
        }
        command.args(["copy", "-o", "json"]).args(words);
        command.args(&to.flags);
        let of_source = self.flags.iter().map(|word| match word.strip_prefix("--") {
            Some(flag) => format!("--source-{flag}"),
            None => word.clone(),
        });
        command.args(of_source);
        command
    }

    /// Restores, and says the HashKV.
    pub(crate) fn restore(&self, dir: &Path) -> Value {
        let report = self.report(&["restore", "--data-dir", dir.to_str().unwrap()]);
        report["hash_kv"].clone()
    }

    /// The document that a command prints when it has done its work.
    pub(crate) fn report(&self, words: &[&str]) -> Value {
        let output = self.run(words);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// What a page tells a reader of MinIO, with the address, the bucket and the account of the one that runs here.
pub(crate) fn on_this_minio(script: &str, place: &Place, url: &str) -> String {
    let mut script = script.to_owned();
    for (told, here) in [
        ("http://127.0.0.1:9000", url),
        ("=etcd-backups", &format!("={}", place.container)),
        ("ID=minioadmin", &format!("ID={}", accounts::MINIO_USER)),
        (
            "KEY=minioadmin",
            &format!("KEY={}", accounts::MINIO_PASSWORD),
        ),
    ] {
        assert!(script.contains(told), "no {told} in {script}");
        script = script.replace(told, here);
    }
    script
}

/// Runs a script in `dir`, with these programs before those of the machine.
pub(crate) fn script(dir: &Path, script: &str, programs: &[&Path]) -> Command {
    let ours = Path::new(env!("CARGO_BIN_EXE_etcdbrctl")).parent().unwrap();
    let theirs = std::env::split_paths("/usr/local/bin:/usr/bin:/bin");
    let programs = programs.iter().copied().chain([ours]).map(Path::to_owned);
    let paths = std::env::join_paths(programs.chain(theirs));
    let mut command = Command::new("sh");
    command
        .args(["-euc", script])
        .current_dir(dir)
        .env_clear()
        .env("HOME", dir)
        .env("PATH", paths.unwrap());
    command
}
