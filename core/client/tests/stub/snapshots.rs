use client::{ClaimedHash, Error, ErrorKind, Etcd, SnapshotFault, SnapshotPiece};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::messages::{Snapshot, header};
use crate::others::client;
use crate::server::{End, Reply, Stub};

/// A database of three messages, and the one with its hash.
fn whole() -> Vec<Snapshot> {
    let database: Vec<u8> = (0..70).collect();
    let message = |remaining, blob: &[u8]| Snapshot {
        header: None,
        remaining,
        blob: blob.to_vec(),
    };
    let hash = Sha256::digest(&database);
    vec![
        message(38, &database[..32]),
        message(6, &database[32..64]),
        message(0, &database[64..]),
        message(0, &hash),
    ]
}

/// What is read of `messages`: the database and what its hash has to be, or why it is none.
async fn read(messages: &[Snapshot], end: End) -> Result<(Vec<u8>, ClaimedHash), Error> {
    let stub = Stub::new().await;
    let messages = messages.iter().map(Message::encode_to_vec).collect();
    stub.answers("Snapshot", [Reply { messages, end }]);
    let mut stream = client(&stub).await.snapshot().await?;
    assert_eq!(stream.size(), 70);
    let mut database = Vec::new();
    loop {
        match stream.next().await {
            Ok(SnapshotPiece::Database(bytes)) => database.extend_from_slice(&bytes),
            Ok(SnapshotPiece::End { sha256 }) => return Ok((database, sha256)),
            Err(error) => {
                // Whoever asks on is not given the rest.
                assert!(stream.next().await.is_err());
                return Err(error);
            }
        }
    }
}

const CLEAN: End = End::Status(0, "");

fn fault(error: &Error) -> SnapshotFault {
    use std::error::Error as _;
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    let source = error.source().unwrap();
    *source.downcast_ref::<SnapshotFault>().unwrap()
}

/// The header that the proto promises is set by no version of etcd; one that is does no harm.
#[tokio::test]
async fn a_snapshot_is_whole_with_a_header_and_without() {
    let mut headed = whole();
    headed.iter_mut().for_each(|one| one.header = header(9));
    for messages in [whole(), headed] {
        let (database, claimed) = read(&messages, CLEAN).await.unwrap();
        assert_eq!(database, (0..70).collect::<Vec<u8>>());
        let sha256 = claimed.of(&Sha256::new_with_prefix(&database)).unwrap();
        assert_eq!(sha256, whole()[3].blob[..]);
    }
}

#[tokio::test]
async fn a_stream_that_ends_well_but_early_is_no_snapshot() {
    for length in 1..4 {
        let error = read(&whole()[..length], CLEAN).await.unwrap_err();
        let expected = match length {
            1 => SnapshotFault::Short { missing: 38 },
            2 => SnapshotFault::Short { missing: 6 },
            _ => SnapshotFault::NoHash,
        };
        assert_eq!(fault(&error), expected);
    }
    assert!(read(&[], CLEAN).await.is_err());
}

/// Every byte came and the hash is right: without an end that says so, or with one that says otherwise,
/// nobody knows that it is all.
#[tokio::test]
async fn a_stream_that_does_not_end_well_is_no_snapshot() {
    for length in 1..=4 {
        let messages = &whole()[..length];
        for end in [End::Bare, End::Breaks] {
            let error = read(messages, end).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        }
        let refused = End::Status(2, "mvcc: snapshot transaction closed");
        let error = read(messages, refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error:?}");
        assert!(error.to_string().contains("transaction closed"));
    }
}

/// etcd that cannot read its database sends this for ever.
#[tokio::test]
async fn messages_without_bytes_are_told_at_the_first() {
    let empty = |remaining| Snapshot {
        header: None,
        remaining,
        blob: Vec::new(),
    };
    let mut messages = whole();
    messages.truncate(2);
    messages.extend([empty(6), empty(6), empty(6)]);
    let error = read(&messages, End::Never).await.unwrap_err();
    assert_eq!(fault(&error), SnapshotFault::Empty { missing: 6 });
    let error = read(&[empty(70)], End::Never).await.unwrap_err();
    assert_eq!(fault(&error), SnapshotFault::Empty { missing: 70 });
}

#[tokio::test]
async fn a_hash_that_is_wrong_and_a_stream_that_goes_on_are_told() {
    let mut wrong = whole();
    wrong[1].blob[3] ^= 1;
    let (database, claimed) = read(&wrong, CLEAN).await.unwrap();
    let hashed = claimed.of(&Sha256::new_with_prefix(&database));
    assert_eq!(hashed, Err(SnapshotFault::WrongHash));
    let mut long = whole();
    long.push(whole()[3].clone());
    let error = read(&long, CLEAN).await.unwrap_err();
    assert_eq!(fault(&error), SnapshotFault::Long);
    let mut miscounted = whole();
    miscounted[1].remaining = 7;
    let error = read(&miscounted, CLEAN).await.unwrap_err();
    assert!(matches!(fault(&error), SnapshotFault::Miscounted { .. }));
}
