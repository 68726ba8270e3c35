//! Reading `.snap` files: those of real etcds, and damaged ones.

mod golden;

use etcd::raft_snapshot::{Damage, SnapshotName, decode, encode};

const LIVE: [&str; 2] = [
    "0000000000000002-0000000000000006.snap",
    "0000000000000002-000000000000000c.snap",
];

#[test]
fn a_live_etcds_snapshot_reads_and_is_where_its_name_says() {
    for name in LIVE {
        let snapshot = decode(&golden::bytes(&format!("wal/small/{name}"))).unwrap();
        let metadata = &snapshot.metadata;
        assert_eq!(metadata.conf_state.voters.len(), 1);
        let place = SnapshotName {
            term: metadata.term,
            index: metadata.index,
        };
        assert_eq!(place.to_string(), name);
        assert_eq!(SnapshotName::parse(name), Some(place));
        assert!(
            snapshot
                .data
                .unwrap()
                .starts_with(b"{\"Root\":{\"Path\":\"/\"")
        );
    }
}

#[test]
fn encoding_gives_the_bytes_back() {
    for path in [
        "restore/one.snap",
        "restore/three-m2.snap",
        "wal/small/0000000000000002-0000000000000006.snap",
    ] {
        let bytes = golden::bytes(path);
        assert!(encode(&decode(&bytes).unwrap()) == bytes, "{path}");
    }
}

#[test]
fn a_flipped_bit_or_a_cut_is_never_silent() {
    let bytes = golden::bytes("restore/three-m1.snap");
    let snapshot = decode(&bytes).unwrap();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        assert!(
            decode(&flipped).map_or(true, |read| read == snapshot),
            "flip {at}"
        );
        assert!(decode(&bytes[..at]).is_err(), "cut {at}");
    }
}

#[test]
fn an_empty_file_is_no_snapshot() {
    assert!(matches!(decode(b""), Err(Damage::Empty)));
    assert!(matches!(decode(&[0; 64]), Err(Damage::Envelope(_))));
}
