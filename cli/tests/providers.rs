//! Each provider from the outside: a backup of the reference in a real store, and the commands on
//! it, must give what they give on a directory. Once undisturbed, once on a bad day.
//!
//! A provider whose server nobody has named is listed as ignored, with the variable to set; where
//! `REQUIRE_TARGETS` names it, that is a failure.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod servers;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use futures::stream;
use libtest_mimic::Arguments;
use servers::{Commands, PROVIDERS, on_this_minio, same, server, trial, variable_of};
use snapstore::{Key, Sending, Snapstore, StoreConfig, send};
use testkit::proxy::{Fault, Match, Proxy};
use testkit::stores;
use testkit::stores::Place;
use tokio::runtime::Runtime;

/// What happens to the client on a bad day, all of it in ways that a second try mends.
const BAD_DAY: [fn() -> Fault; 4] = [
    || Fault::busy(503, 1),
    || Fault::Truncate(1000),
    || Fault::status(500),
    || Fault::ResetRequest,
];

fn main() -> ExitCode {
    let runtime = Arc::new(Runtime::new().unwrap());
    let mut trials: Vec<_> = PROVIDERS
        .into_iter()
        .map(|family| {
            let variable = variable_of(family);
            let name = "a_backup_restores_as_from_a_directory";
            trial(family, name, variable, &runtime, move |runtime| {
                of_provider(family, runtime)
            })
        })
        .collect();
    let (keystone, sts) = (Some(stores::swift::KEYSTONE), Some(stores::s3::STS));
    trials.push(trial(
        "swift",
        "keystone_lets_in",
        keystone,
        &runtime,
        of_keystone,
    ));
    trials.push(trial(
        "swift",
        "keystone_takes_an_application_credential",
        keystone,
        &runtime,
        by_credential,
    ));
    trials.push(trial(
        "s3",
        "the_page_of_minio_is_followed",
        Some(stores::s3::VARIABLE),
        &runtime,
        of_the_page,
    ));
    trials.push(trial(
        "s3",
        "a_role_is_taken_on_by_its_token",
        sts,
        &runtime,
        of_a_role,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn of_provider(family: &str, runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let room = room.path();
    let server = runtime.block_on(server(family, room));
    let prefix = runtime.block_on(upload(&server.place));
    let cloud = Commands::of_place(&server.place, prefix);
    good_day(&cloud, room)?;
    bad_day(&cloud, &server.proxy, room)
}

/// Swift behind Keystone itself, whose catalogue knows no proxy.
fn of_keystone(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let place = runtime.block_on(stores::swift::on_keystone(room.path()));
    let place = place.unwrap();
    let prefix = runtime.block_on(upload(&place));
    good_day(&Commands::of_place(&place, prefix), room.path())
}

/// Put with a password, read by an application credential.
fn by_credential(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let (user, credential) = runtime.block_on(async {
        let user = stores::swift::on_keystone(room.path()).await;
        (user, stores::swift::by_credential(room.path()).await)
    });
    let prefix = runtime.block_on(upload(&user.unwrap()));
    let commands = Commands::of_place(&credential.unwrap(), prefix);
    good_day(&commands, room.path())
}

/// Put with keys, read by a role that STS gives for a token.
fn of_a_role(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let (keys, role) = runtime
        .block_on(stores::s3::of_a_role(room.path()))
        .unwrap();
    let prefix = runtime.block_on(upload(&keys));
    good_day(&Commands::of_place(&role, prefix), room.path())
}

/// docs/minio.md, with the address, the bucket and the account of the MinIO that runs here.
fn of_the_page(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server("s3", room.path()));
    let prefix = runtime.block_on(upload(&server.place));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/minio.md");
    let page = fs::read_to_string(page).unwrap();
    let script = page.split("```").nth(1).unwrap().trim_start_matches("sh\n");
    let script = on_this_minio(script, &server.place, server.proxy.url());
    let mut command = servers::script(room.path(), &script, &[]);
    let output = command.env("STORAGE_PREFIX", prefix).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    same(&said, &output.status.code(), &Some(0))?;
    let database = room.path().join("new.etcd/member/snap/db");
    same("a member is there", &database.exists(), &true)
}

/// Every command that reads says of the store what it says of the directory.
fn good_day(cloud: &Commands, room: &Path) -> Result<(), String> {
    let local = Commands::of_directory(&backup());
    let (here, there) = (room.join("here"), room.join("there"));
    let expected = local.restore(&here);
    same("restore", &expected, &cloud.restore(&there))?;
    same("the directory", &files(&here), &files(&there))?;
    for field in ["chains", "ignored"] {
        let (local, cloud) = (local.report(&["list"]), cloud.report(&["list"]));
        same(field, &local[field], &cloud[field])?;
    }
    let (ours, theirs) = (local.report(&["verify"]), cloud.report(&["verify"]));
    same("verify", &ours["hash_kv"], &theirs["hash_kv"])?;
    let nowhere = room.join("nowhere");
    let words = [
        "restore",
        "--dry-run",
        "--data-dir",
        nowhere.to_str().unwrap(),
    ];
    cloud.report(&words);
    same("nothing is made by a dry run", &nowhere.exists(), &false)
}

/// The same through failures.
fn bad_day(cloud: &Commands, proxy: &Proxy, room: &Path) -> Result<(), String> {
    let expected = files(&room.join("here"));
    for fault in BAD_DAY {
        for object in ["Full-", "Incr-"] {
            proxy.inject(fault(), Match::any().method("GET").target(object), 1);
        }
        let again = room.join("again");
        cloud.restore(&again);
        same("the directory on a bad day", &expected, &files(&again))?;
        fs::remove_dir_all(again).unwrap();
    }
    let all = 2 * BAD_DAY.len() as u64;
    same("every fault was suffered", &proxy.faults(), &all)?;
    short_of_ten_bytes(proxy, cloud, &room.join("short"), &expected)
}

/// A length that is wrong and looks right. A store that is told by something else (a checksum, a
/// second header) tries again; for the others it is damage, and damage is never published.
fn short_of_ten_bytes(
    proxy: &Proxy,
    cloud: &Commands,
    dir: &Path,
    expected: &BTreeMap<PathBuf, Vec<u8>>,
) -> Result<(), String> {
    let full = Match::any().method("GET").target("Full-");
    proxy.inject(Fault::Shorten(10), full, 1);
    let output = cloud.run(&["restore", "--data-dir", dir.to_str().unwrap()]);
    if output.status.success() {
        return same("the directory of a short full", expected, &files(dir));
    }
    same(
        "the exit code of a short full",
        &output.status.code(),
        &Some(1),
    )?;
    same("a short full leaves nothing", &dir.exists(), &false)
}

/// The backup that the reference made of an etcd 3.5.1.
fn backup() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip")
}

/// Copies the backup under a prefix of its own.
async fn upload(place: &Place) -> String {
    let prefix = format!("end-to-end/{:016x}", fastrand::u64(..));
    let config = StoreConfig {
        prefix: prefix.clone(),
        ..place.config()
    };
    let store: Arc<dyn Snapstore> = (place.provider.open)(config).await.unwrap();
    for entry in fs::read_dir(backup().join("v2")).unwrap() {
        let entry = entry.unwrap();
        let key = format!("v2/{}", entry.file_name().to_str().unwrap());
        let body = stream::iter([Ok(fs::read(entry.path()).unwrap().into())]);
        let key = Key::new(key).unwrap();
        send(&*store, &key, body, Sending::default()).await.unwrap();
    }
    prefix
}

/// Every file of a directory, by its path in it.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(next) = dirs.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}
