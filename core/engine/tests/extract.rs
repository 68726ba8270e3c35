//! Keys that are put back into a real etcd while somebody else writes to it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use client::{Client, Config, Endpoint, Etcd as _, Pace, Retries, Scheme, Tls};
use engine::backups::branches::Wanted;
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::{DatabaseFile, Reading, Target};
use engine::extract::{
    Changed, Extra, Listener, Mode, OtherCluster, Outcome, Report, Request, Result, Rules, Step,
    extract,
};
use engine::keyspace::{Asked, Keys, Side};
use engine::progress::Unobserved;
use engine::session::Session;
use snapstore::clock::SystemClock;
use snapstore::layers::Backoff;
use snapstore_local::LocalStore;
use testkit::etcd::{Bytes, Etcd, Member, Op, State, Txn};
use testkit::oracles;
use tokio::runtime::{Handle, Runtime};
use tokio_util::sync::CancellationToken;

/// Notes all steps, and lets somebody do something after the first that was written.
struct Watching<F> {
    steps: Vec<Step>,
    then: Option<F>,
}

impl<F: FnOnce() + Send + 'static> Listener for Watching<F> {
    fn hear(&mut self, step: &Step) -> io::Result<()> {
        self.steps.push(step.clone());
        if let Some(then) = self.then.take() {
            then();
        }
        Ok(())
    }
}

async fn client(etcds: &[&Etcd], attempts: u32) -> Arc<Client> {
    let endpoint = |etcd: &&Etcd| Endpoint::parse(etcd.client_url(), Scheme::Clear).unwrap();
    let config = Config {
        endpoints: etcds.iter().map(endpoint).collect(),
        tls: Tls::default(),
        login: None,
        pace: Pace::default(),
    };
    let retries = Retries {
        backoff: Backoff {
            attempts,
            first: Duration::from_millis(100),
            max: Duration::from_secs(2),
        },
        clock: Arc::new(SystemClock),
        seed: 7,
    };
    Arc::new(Client::new(config, retries).await.unwrap())
}

fn of_file(file: &Path) -> Side {
    let found = DatabaseFile::find(file).unwrap();
    let session = Session {
        store: Arc::new(LocalStore::new(found.directory.clone())),
        observer: Arc::new(Unobserved),
        cancel: CancellationToken::new(),
        seed: 7,
        clock: Arc::new(SystemClock),
        runtime: Handle::current(),
        keys: Default::default(),
    };
    let asked = Asked {
        target: Target::Latest,
        lineage: Wanted::Newest,
        reading: Reading {
            hash: HashCheck::Required,
            leases: LeasePolicy::Keep,
            fetchers: 2,
        },
        temp_dir: std::env::temp_dir(),
    };
    Side::File(session, found, asked)
}

/// All that is below `/k/`, back into `etcd`.
fn put_back<F: FnOnce() + Send + 'static>(
    etcd: &Etcd,
    file: &Path,
    rules: Rules,
    then: F,
) -> (Report, Vec<Step>) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let client = client(&[etcd], 20).await;
        assert!(client.leases().await.is_ok());
        let (report, heard) = put_back_by(client, file, rules, then).await.unwrap();
        (report, heard.steps)
    })
}

async fn put_back_by<F: FnOnce() + Send + 'static>(
    client: Arc<Client>,
    file: &Path,
    rules: Rules,
    then: F,
) -> Result<(Report, Watching<F>)> {
    let request = Request {
        from: of_file(file),
        to: Some(client),
        keys: Keys::Prefix(b"/k/".to_vec()),
        rules,
        mode: Mode::Apply,
        other_cluster: OtherCluster::Refuse,
        memory: 1 << 20,
    };
    let watching = Watching {
        steps: Vec::new(),
        then: Some(then),
    };
    extract(&CancellationToken::new(), &request, watching).await
}

const ALL: Rules = Rules {
    changed: Changed::Overwrite,
    extra: Extra::Delete,
};

fn key(number: usize) -> String {
    format!("/k/{number:03}")
}

fn delete(etcd: &Etcd, first: &str, end: &str) {
    let delete = Op::Delete(first.as_bytes().into(), Bytes(end.as_bytes().to_vec()));
    etcd.txn(&Txn {
        success: vec![delete],
        ..Txn::default()
    })
    .unwrap();
}

/// 300 keys were deleted and are put back, in three transactions. After the first of them somebody writes a key of the second one
/// and a key of the third: both stay as they were written, all others come back.
fn what_somebody_writes_meanwhile_stays(version: &str) {
    let etcd = Arc::new(Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap());
    for number in 0..300 {
        etcd.put(key(number).as_bytes(), b"backed up").unwrap();
    }
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("plain.db");
    etcd.save_snapshot(&file).unwrap();
    delete(&etcd, "/k/", "/k0");
    // One that is there, and is to be deleted.
    etcd.put(b"/k/250x", b"extra").unwrap();
    let somebody = etcd.clone();
    let (report, steps) = put_back(&etcd, &file, ALL, move || {
        for key in ["/k/200", "/k/250x", "/k/299"] {
            somebody.put(key.as_bytes(), b"somebody's").unwrap();
        }
    });
    let counts = report.counts;
    assert_eq!(
        (counts.gone, counts.extra, counts.written),
        (300, 1, 298),
        "{counts:?}"
    );
    assert_eq!(counts.written_meanwhile, 3, "{counts:?}");
    let left = steps
        .iter()
        .filter(|step| !matches!(step.outcome, Outcome::Written(_)));
    let left: Vec<_> = left.map(|step| step.write.clone().unwrap().key).collect();
    assert_eq!(left, ["/k/200", "/k/250x", "/k/299"]);
    let state = etcd.state().unwrap();
    assert_eq!(state.kvs().len(), 301);
    for kv in state.kvs() {
        let is_left = left.iter().any(|key| key[..] == kv.key.0[..]);
        let meant: &[u8] = if is_left { b"somebody's" } else { b"backed up" };
        assert_eq!(kv.value.0, meant, "{}", kv.key.0.escape_ascii());
    }
    // Again: now the two hold something else, which was seen.
    let (again, _) = put_back(&etcd, &file, ALL, || ());
    assert_eq!((again.counts.changed, again.counts.extra), (2, 1));
    assert_eq!(again.counts.written, 3);
    let (none, steps) = put_back(&etcd, &file, ALL, || ());
    assert_eq!((none.counts.written, steps.len()), (0, 0));
}

/// Values of 600 kB: what fits into a transaction is found out by their size, not by their number alone.
fn large_values_come_back(version: &str) {
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    for number in 0..5_u8 {
        etcd.put(key(number.into()).as_bytes(), &vec![number; 600_000])
            .unwrap();
    }
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("plain.db");
    etcd.save_snapshot(&file).unwrap();
    let before = etcd.state().unwrap();
    delete(&etcd, "/k/", "/k0");
    let (report, _) = put_back(&etcd, &file, ALL, || ());
    assert_eq!(report.counts.written, 5);
    let after = etcd.state().unwrap();
    let values = |state: &State| -> Vec<_> {
        state
            .kvs()
            .iter()
            .map(|kv| (kv.key.clone(), kv.value.clone()))
            .collect()
    };
    assert_eq!(values(&after), values(&before));
}

testkit::on_every_etcd!(what_somebody_writes_meanwhile_stays, large_values_come_back);

/// An etcd that takes fewer operations in a transaction than others: all keys come back, in smaller ones.
#[test]
fn smaller_limits_of_etcd_are_kept_to() {
    let room = tempfile::tempdir().unwrap();
    let binary = oracles::etcd("3.5.35").unwrap();
    let flags = ["--max-txn-ops", "10"].map(str::to_owned);
    let member = Member::alone().unwrap();
    let etcd = Etcd::serving(&binary, &member, &room.path().join("data"), &flags).unwrap();
    for number in 0..100 {
        etcd.put(key(number).as_bytes(), b"backed up").unwrap();
    }
    let file = room.path().join("plain.db");
    etcd.save_snapshot(&file).unwrap();
    delete(&etcd, "/k/", "/k0");
    let (report, steps) = put_back(&etcd, &file, ALL, || ());
    assert_eq!(report.counts.written, 100);
    let keys: Vec<_> = steps
        .iter()
        .map(|step| step.write.clone().unwrap().key)
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
}

/// Of two endpoints the first died, and the second was one of another cluster: the rest of the keys was written there, and
/// "written, and read again" was said of them.
#[test]
fn nothing_is_written_to_another_cluster() {
    let binary = oracles::etcd("3.5.35").unwrap();
    let own = Arc::new(Etcd::fresh(&binary).unwrap());
    let other = Etcd::fresh(&binary).unwrap();
    for number in 0..300 {
        own.put(key(number).as_bytes(), b"backed up").unwrap();
    }
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("plain.db");
    own.save_snapshot(&file).unwrap();
    delete(&own, "/k/", "/k0");
    let dies = own.clone();
    let runtime = Runtime::new().unwrap();
    let told = runtime.block_on(async {
        let client = client(&[&own, &other], 2).await;
        let then = move || dies.kill_now().unwrap();
        let put_back = put_back_by(client, &file, ALL, then).await;
        put_back.err().unwrap().to_string()
    });
    assert!(told.contains("128 keys were written before"), "{told}");
    assert_eq!(other.state().unwrap().kvs().len(), 0);
}
