use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use etcd::data_dir::segment;
use etcd::raftpb::{Entry, HardState};
use etcd::wal::{Files, Log, SegmentName, Writer};

/// Bytes of a value.
const VALUE: usize = 256;

/// Keys that the puts go round.
const KEYS: u64 = 20_000;

/// Lays `puts` puts after what a restore wrote into the log in `data_dir`, as an etcd does that is
/// killed before it has written any of them to its database.
pub(super) fn write(data_dir: &Path, puts: u64) -> Result<()> {
    let path = data_dir.join(segment(SegmentName::default()));
    let bytes = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    let log = Log::read(Files::new([(SegmentName::default(), bytes)]))?;
    let mut writer = Writer::new(0);
    writer.metadata(&log.metadata().context("the log has no metadata")?);
    let (begun, restored) = log.snapshots().split_first().context("no snapshot")?;
    writer.snapshot(begun);
    let last = log.last_index();
    for index in 1..=last {
        writer.entry(&log.entry(index)?.context("an entry is missing")?);
    }
    writer.hard_state(&log.hard_state());
    for snapshot in restored {
        writer.snapshot(snapshot);
    }
    for n in 1..=puts {
        writer.entry(&Entry {
            entry_type: 0,
            term: 2,
            index: last + n,
            data: Some(put(n)),
        });
    }
    writer.hard_state(&HardState {
        term: 2,
        commit: last + puts,
        ..log.hard_state()
    });
    Ok(fs::write(path, writer.finish())?)
}

/// InternalRaftRequest{put}: field 4, of key (1) and value (2).
fn put(n: u64) -> Vec<u8> {
    let key = format!("/registry/pods/pod-{:07}", n % KEYS);
    let value = fastrand::Rng::with_seed(n)
        .u64(..)
        .to_le_bytes()
        .repeat(VALUE / 8);
    let put = [field(1, key.as_bytes()), field(2, &value)].concat();
    field(4, &put)
}

/// A field of bytes, as protobuf writes it.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut written = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        written.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    written.push(length as u8);
    written.extend_from_slice(bytes);
    written
}
