//! Restores a chain as etcd-backup-restore 0.44 does, rule by rule (docs/compatibility.md; its `pkg/snapshot/restorer`):
//! the tools of etcd for the full, then one transaction for each revision of the deltas on an etcd that runs. Shares no
//! code with what is tested.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use testkit::etcd::{Etcd, Member, Op, Txn};
use testkit::oracles;

use crate::support::{Run, Site};

/// What a name says.
struct Named {
    is_full: bool,
    first: i64,
    last: i64,
    created: i64,
    path: PathBuf,
}

/// The newest state that the reference restores is that of `live` at the same revision.
pub(crate) fn restores_the_same(site: &Site, live: &Etcd) {
    let room = tempfile::tempdir().unwrap();
    let state = newest(site, room.path()).state().unwrap();
    let expected = live.state_at(state.revision()).unwrap();
    assert_eq!(without_leases(&state), without_leases(&expected));
}

/// An etcd on what the reference makes of the newest set below `room`.
pub(crate) fn newest(site: &Site, room: &Path) -> Etcd {
    let (full, deltas) = latest_set(site);
    let database = room.join("full.db");
    fs::write(&database, content(&full)).unwrap();
    let member = Member::alone().unwrap();
    let dir = room.join("restored.etcd");
    let tool = oracles::etcd("3.5.1").unwrap().sibling("etcdutl").unwrap();
    let mut restore = Command::new(tool);
    restore.args(["snapshot", "restore"]).arg(&database);
    restore.arg("--data-dir").arg(&dir).args(member.flags());
    let run = Run::of(restore);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let restored = Etcd::on(&oracles::etcd("3.5.35").unwrap(), &member, &dir).unwrap();
    for (number, delta) in deltas.iter().enumerate() {
        apply(&restored, delta, number == 0);
        assert_eq!(
            restored.revision().unwrap(),
            delta.last,
            "after {}",
            delta.path.display()
        );
    }
    restored
}

/// From the end of the list to the first full.
fn latest_set(site: &Site) -> (Named, Vec<Named>) {
    let entries = fs::read_dir(site.store().join("v2")).unwrap();
    let mut all: Vec<Named> = entries.map(|entry| named(entry.unwrap().path())).collect();
    all.sort_by_key(|one| (one.last, one.created));
    let mut deltas = Vec::new();
    while let Some(one) = all.pop() {
        if one.is_full {
            deltas.reverse();
            return (one, deltas);
        }
        deltas.push(one);
    }
    unreachable!("there is no full")
}

fn named(path: PathBuf) -> Named {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let [kind, first, last, rest] = name.split('-').collect::<Vec<_>>()[..] else {
        unreachable!("{name}")
    };
    let (created, suffix) = rest.split_once('.').unwrap();
    assert_eq!(suffix, "gz");
    let number = |text: &str| text.parse::<i64>().unwrap();
    Named {
        is_full: kind == "Full",
        first: number(first),
        last: number(last),
        created: number(created),
        path: path.clone(),
    }
}

/// Go's reader of gzip, which wants one member or several, and nothing after them.
fn content(object: &Named) -> Vec<u8> {
    let mut content = Vec::new();
    let file = File::open(&object.path).unwrap();
    GzDecoder::new(file).read_to_end(&mut content).unwrap();
    content
}

/// The first delta from the first event after what is there, which must be in it; the others from their first event,
/// which must come next. A transaction for each revision.
fn apply(restored: &Etcd, delta: &Named, is_first: bool) {
    let mut json = content(delta);
    let hash = json.split_off(json.len() - 32);
    assert_eq!(Sha256::digest(&json)[..], hash[..]);
    let events: Vec<Value> = serde_json::from_slice(&json).unwrap();
    let revision_of = |event: &Value| event["etcdEvent"]["kv"]["mod_revision"].as_i64().unwrap();
    let there = restored.revision().unwrap();
    let (begins, ends) = (revision_of(&events[0]), revision_of(events.last().unwrap()));
    assert_eq!((begins, ends), (delta.first, delta.last));
    let mut revisions: BTreeMap<i64, Vec<Op>> = BTreeMap::new();
    for event in &events {
        let ops = revisions.entry(revision_of(event)).or_default();
        ops.push(operation(&event["etcdEvent"]));
    }
    match is_first {
        true => assert!(
            ends >= there,
            "the full is ahead of the first delta (issue 1044)"
        ),
        false => assert_eq!(begins, there + 1, "deltas overlap, or one is missing"),
    }
    for (revision, success) in revisions.split_off(&(there + 1)) {
        let txn = Txn {
            success,
            ..Txn::default()
        };
        assert_eq!(restored.txn(&txn).unwrap(), revision);
    }
}

fn operation(event: &Value) -> Op {
    let bytes = |field: &str| {
        let text = event["kv"][field].as_str().unwrap_or_default();
        base64_simd::STANDARD.decode_to_vec(text).unwrap()
    };
    match event["type"].as_i64() {
        // Leases are left out, as there.
        None => Op::Put(
            bytes("key").as_slice().into(),
            bytes("value").as_slice().into(),
            0,
        ),
        Some(1) => Op::Delete(bytes("key").as_slice().into(), b"".as_slice().into()),
        other => unreachable!("{other:?}"),
    }
}

type Life<'a> = (&'a [u8], &'a [u8], i64, i64, i64);

fn without_leases(state: &testkit::etcd::State) -> Vec<Life<'_>> {
    let life = |kv: &'_ testkit::etcd::KeyValue| {
        let (created, modified) = (kv.create_revision.signed(), kv.mod_revision.signed());
        (created, modified, kv.version.signed())
    };
    let kvs = state.kvs().iter();
    kvs.map(|kv| {
        let (created, modified, version) = life(kv);
        (
            kv.key.0.as_slice(),
            kv.value.0.as_slice(),
            created,
            modified,
            version,
        )
    })
    .collect()
}
