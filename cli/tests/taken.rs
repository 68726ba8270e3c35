//! Snapshots taken of a real etcd into each provider's server, and docs/quickstart.md, which is followed on MinIO.
//!
//! A provider whose server nobody has named is listed as ignored, with the variable to set.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod servers;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use engine::gc::{Collection, Mode, Report, collect};
use engine::progress::Unobserved;
use engine::retention::{Policy, ProofRule, Rules, Scope};
use engine::session::Session;
use jiff::{SignedDuration, Timestamp};
use libtest_mimic::Arguments;
use servers::{Commands, PROVIDERS, on_this_minio, same, script, server, trial, variable_of};
use snapstore::OpenFuture;
use snapstore::clock::SystemClock;
use testkit::etcd::{Etcd, Op, Txn};
use testkit::oracles;
use testkit::stores::{self, Place};
use tokio::runtime::{Handle, Runtime};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let runtime = Arc::new(Runtime::new().unwrap());
    let of_provider = |family: &'static str| {
        let variable = variable_of(family);
        let name = "snapshots_are_taken_and_lead_to_what_etcd_had";
        trial(family, name, variable, &runtime, move |runtime| {
            taken_into(family, runtime)
        })
    };
    let mut trials: Vec<_> = PROVIDERS.into_iter().map(of_provider).collect();
    let minio = Some(stores::s3::VARIABLE);
    let name = "the_quickstart_is_followed";
    trials.push(trial("s3", name, minio, &runtime, quickstart));
    let name = "a_deleted_key_comes_back_in_one_command";
    trials.push(trial("s3", name, minio, &runtime, |runtime| {
        put_back(runtime, Chain::Plain)
    }));
    let name = "a_deleted_key_comes_back_in_one_command_out_of_an_encrypted_chain";
    trials.push(trial("s3", name, minio, &runtime, |runtime| {
        put_back(runtime, Chain::Encrypted)
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A full in parts, and deltas after it; what lists, verifies and collects agrees.
fn taken_into(family: &str, runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server(family, room.path()));
    let prefix = format!("taken/{:016x}", fastrand::u64(..));
    let cloud = Commands::of_place(&server.place, prefix.clone());
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let take = |words: &[&str]| {
        let endpoint = ["--endpoints", etcd.client_url()];
        cloud.report(&[&["snapshot"], words, &endpoint].concat())
    };
    let mut random = fastrand::Rng::with_seed(3);
    for number in 0..12 {
        // More than one part of 5 MiB, whatever compresses it.
        let value: Vec<u8> = (0..500_000).map(|_| random.u8(..)).collect();
        etcd.put(format!("key-{number}").as_bytes(), &value)
            .unwrap();
    }
    etcd.until_its_version_is_stored().unwrap();
    let full = take(&["--once", "--compress-snapshots=false"]);
    same("the revision", &full["full"]["holds"], &13.into())?;
    same(
        "parts",
        &(full["full"]["bytes"].as_u64() > Some(5 << 20)),
        &true,
    )?;
    etcd.put(b"key", b"1").unwrap();
    etcd.put(b"key", b"2").unwrap();
    let delta = take(&["delta", "--read-back"]);
    same("events", &delta["delta"]["events"], &2.into())?;
    same("the lineage", &delta["lineage"], &full["lineage"])?;
    let verified = cloud.report(&["verify"]);
    let hash = etcd.hash_kv(0).unwrap().hash;
    same("the hash", &verified["hash_kv"], &hash.into())?;
    let copied = Commands::of_directory(&room.path().join("copied"));
    let copy = cloud.copy_to(&copied, &[]);
    let told = String::from_utf8_lossy(&copy.stderr).into_owned();
    same(&told, &copy.status.code(), &Some(0))?;
    let verified = copied.report(&["verify"]);
    same("the hash of a copy", &verified["hash_kv"], &hash.into())?;
    let [here, there] = [&copied, &cloud].map(|store| store.report(&["list"])["chains"].clone());
    same("the chains of a copy", &here, &there)?;
    // One full of both, in parts too; and all of that again says that nothing follows on it.
    let compacted = cloud.report(&["compact", "--read-back"]);
    same("compacted", &compacted["revision"], &15.into())?;
    same("its lineage", &compacted["lineage"]["id"], &full["lineage"])?;
    let alone = cloud.report(&["verify"]);
    same("its hash", &alone["hash_kv"], &compacted["hash_kv"])?;
    same("alone", &alone["deltas"], &serde_json::json!([]))?;
    let again = cloud.report(&["compact"]);
    same("again", &again["compacted"], &false.into())?;
    let last = take(&["full", "--compression-policy", "zlib"]);
    same("the last", &last["full"]["holds"], &15.into())?;
    // The first chain goes; what was written a moment ago stays, since it may still be going on.
    let limit = ["--garbage-collection-policy", "LimitBased", "-m", "1"];
    let young = cloud.report(&[&["gc"], &limit[..]].concat());
    same("deleted", &young["deleted"], &0.into())?;
    let store = Place {
        prefix: String::leak(prefix),
        ..server.place
    };
    let report = runtime.block_on(collected_tomorrow(store.open()));
    let left = last["full"]["key"].as_str().unwrap();
    kept_alone(&cloud, &report, left)?;
    let verified = cloud.report(&["verify"]);
    same("the hash of what stays", &verified["hash_kv"], &hash.into())
}

/// Of four snapshots one stays.
fn kept_alone(cloud: &Commands, report: &Report, left: &str) -> Result<(), String> {
    let told = format!("{report:?}");
    same(
        &told,
        &(report.deleted, report.kept, report.failed),
        &(3, 1, 0),
    )?;
    let listed = cloud.report(&["list"]);
    let chains = listed["chains"].as_array().unwrap();
    same("chains", &chains.len(), &1)?;
    same("the full", &chains[0]["full"]["name"], &left.into())
}

/// What a collection on the next day does: that it is tomorrow is the only thing that is not real.
async fn collected_tomorrow(store: OpenFuture) -> Report {
    let session = Session {
        store: store.await.unwrap(),
        observer: Arc::new(Unobserved),
        cancel: CancellationToken::new(),
        seed: 7,
        clock: Arc::new(SystemClock),
        runtime: Handle::current(),
        keys: Default::default(),
    };
    let rules = Rules {
        policy: Policy::LimitBased { max_backups: 1 },
        delta_retention: SignedDuration::ZERO,
        upload_deadline: SignedDuration::from_mins(10),
        proof: ProofRule::NotNeeded,
        scope: Scope::Newest,
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "servers say when they were written to"
    )]
    let now = Timestamp::now() + SignedDuration::from_hours(24);
    let collection = Collection {
        rules,
        now,
        mode: Mode::Delete,
    };
    collect(&session, &collection).await.unwrap()
}

/// Somebody deletes a key: it comes back out of the chain in the bucket, without a restore and without another etcd.
fn put_back(runtime: &Runtime, chain: Chain) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let (identity, recipients) = keys(room.path(), chain);
    let (identity, recipients) = (words(&identity), words(&recipients));
    let server = runtime.block_on(server("s3", room.path()));
    let cloud = Commands::of_place(&server.place, format!("taken/{:016x}", fastrand::u64(..)));
    let etcd = Etcd::fresh(&oracles::etcd("3.6.16").unwrap()).unwrap();
    let endpoint = ["--endpoints", etcd.client_url()];
    etcd.until_its_version_is_stored().unwrap();
    etcd.put(b"/registry/secrets/shop/card", b"\0kept").unwrap();
    cloud.report(&[&["snapshot", "--once"], &endpoint[..], &recipients].concat());
    let at = etcd
        .put(b"/registry/secrets/shop/card", b"\0newer")
        .unwrap();
    let (key, end) = (
        b"/registry/".as_slice().into(),
        b"/registry0".as_slice().into(),
    );
    let delete = Txn {
        success: vec![Op::Delete(key, end)],
        ..Txn::default()
    };
    etcd.txn(&delete).unwrap();
    let going_on = [&recipients[..], &identity].concat();
    cloud.report(&[&["snapshot", "delta"], &endpoint[..], &going_on].concat());
    let (at, to) = (at.to_string(), ["--to", etcd.client_url(), "--apply"]);
    let words = [
        "extract",
        "/registry/secrets/shop/card",
        "--at-revision",
        &at,
    ];
    let told = cloud.report(&[&words[..], &to, &identity].concat());
    same("written", &told["counts"]["written"], &1.into())?;
    let state = etcd.state().unwrap();
    let values: Vec<_> = state.kvs().iter().map(|kv| kv.value.0.clone()).collect();
    same("what etcd has", &values, &vec![b"\0newer".to_vec()])?;
    let told = cloud.report(&[&["diff", &at, "live"], &endpoint[..], &identity].concat());
    same("what differs", &told["counts"]["changed"], &0.into())?;
    same("what is gone", &told["counts"]["removed"], &0.into())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chain {
    Plain,
    Encrypted,
}

/// Flags of who reads, and of who writes.
fn keys(room: &Path, chain: Chain) -> (Vec<String>, Vec<String>) {
    if chain == Chain::Plain {
        return (Vec::new(), Vec::new());
    }
    let keygen = oracles::age().unwrap().sibling("age-keygen").unwrap();
    let (identity, recipients) = (room.join("operator.key"), room.join("recipients.txt"));
    testkit::program::run(Command::new(&keygen).arg("-o").arg(&identity)).unwrap();
    let public = Command::new(&keygen).arg("-y").arg(&identity).output();
    fs::write(&recipients, public.unwrap().stdout).unwrap();
    let flag = |name: &str, path: &Path| vec![name.to_owned(), path.display().to_string()];
    (
        flag("--identity", &identity),
        flag("--encrypt-recipients", &recipients),
    )
}

fn words(flags: &[String]) -> Vec<&str> {
    flags.iter().map(String::as_str).collect()
}

/// The page, from an empty directory to a second lineage, with the ports that are free here.
fn quickstart(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server("s3", room.path()));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/quickstart.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks = page.split("```sh\n").skip(1);
    let blocks: String = blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let mut told = on_this_minio(&blocks, &server.place, server.proxy.url());
    let [client, peer] = free_ports();
    let here = format!("http://127.0.0.1:{client}");
    let (peers, token) = (format!("http://127.0.0.1:{peer}"), "http://localhost:2380");
    told = told.replace(
        ".etcd > ",
        &format!(
            ".etcd --listen-client-urls {here} --advertise-client-urls {here} --listen-peer-urls {peers} > "
        ),
    );
    assert!(told.matches(&here).count() >= 4, "{told} {token}");
    let oracle = oracles::etcd("3.5.1").unwrap();
    let programs = [oracle.path().parent().unwrap()];
    let mut command = script(room.path(), &told, &programs);
    command
        .env(
            "STORAGE_PREFIX",
            format!("quickstart/{:016x}", fastrand::u64(..)),
        )
        .env("ETCDCTL_ENDPOINTS", &here)
        .env("ETCDBRCTL_ENDPOINTS", &here);
    let output = command.output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    same(&format!("{out}{err}"), &output.status.code(), &Some(0))?;
    same(
        "what came back",
        &out.contains("greeting\nhello again\n"),
        &true,
    )?;
    same(&out, &out.contains("the newest:"), &true)
}

/// Two ports that were free a moment ago.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
