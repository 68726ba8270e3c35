//! A key that a transaction deletes and puts again, and a compaction at just that revision: etcd from 3.5.16 and
//! 3.6 on keeps the tombstone, removes the put, and dies when the key is asked for. What this program restores,
//! or compacts itself, holds the key. (Found by `fuzz-replay` 880708: the log of such an etcd led a full of before
//! to one revision more than the etcd was at.)
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Compacted, Etcd};
use testkit::oracles;
use testkit::restore::Restorer;

/// All keys, as JSON has bytes; and "c", and "2".
const ALL: &str = "AA==";
const KEY: &str = "Yw==";
const VALUE: &str = "Mg==";

/// A store with a full at revision 4, which deletes all and puts "c" again, of an etcd that goes on.
fn written(version: &str) -> (TempDir, Store, Etcd) {
    let room = tempfile::tempdir().unwrap();
    let etcd = Etcd::fresh(&oracles::etcd(version).unwrap()).unwrap();
    for key in ["a", "c"] {
        etcd.put(key.as_bytes(), b"1").unwrap();
    }
    let delete = json!({"requestDeleteRange": {"key": ALL, "range_end": ALL}});
    let put = json!({"requestPut": {"key": KEY, "value": VALUE}});
    etcd.ask("kv/txn", &json!({"success": [delete, put]}), None)
        .unwrap();
    assert_eq!(etcd.revision().unwrap(), 4);
    let mut database = Vec::new();
    etcd.snapshot(&mut database).unwrap();
    let mut store = Store::create(room.path().join("store"), Layout::V2).unwrap();
    store
        .full(4, &database, Compression::None, Occasion::Regular)
        .unwrap();
    (room, store, etcd)
}

fn value(etcd: &Etcd) -> Option<Value> {
    let answer = etcd.ask("kv/range", &json!({"key": KEY}), None).ok()?;
    Some(answer["kvs"][0]["value"].clone())
}

fn what_etcd_loses_to_its_compaction_is_restored(version: &str) {
    let (_room, store, etcd) = written(version);
    let restorer = Restorer {
        program: env!("CARGO_BIN_EXE_etcdbrctl").into(),
        store: store.root().into(),
    };
    for flags in [&[][..], &["--compact"]] {
        let restored = restorer.restore(flags).unwrap();
        let served = restored.boot(&oracles::etcd(version).unwrap()).unwrap();
        assert_eq!(served.revision().unwrap(), 4);
        assert_eq!(value(&served).unwrap(), VALUE, "{flags:?}");
        let hash = served.hash_kv(0).unwrap().hash;
        assert_eq!(hash, restored.report.hash_kv, "{flags:?}");
    }
    // That it is etcd's own doing: if it is mended one day, the program of `fuzz-replay` that allows for it
    // can go.
    etcd.put(b"a", b"2").unwrap();
    etcd.compact(4, Compacted::Physically).unwrap();
    let kept = value(&etcd).is_some_and(|found| found == VALUE);
    assert_eq!(kept, ["3.4.23", "3.5.1"].contains(&version), "{version}");
}

testkit::on_every_etcd!(what_etcd_loses_to_its_compaction_is_restored);
