use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

/// A snapshot of 70 bytes as etcd sends it: (remaining, blob).
fn whole() -> Vec<(u64, Bytes)> {
    let database: Vec<u8> = (0..70).collect();
    let hash = Bytes::copy_from_slice(&Sha256::digest(&database));
    let mut messages: Vec<_> = database
        .chunks(32)
        .scan(70, |remaining, chunk| {
            *remaining -= chunk.len() as u64;
            Some((*remaining, Bytes::copy_from_slice(chunk)))
        })
        .collect();
    messages.push((0, hash));
    messages
}

fn checked(messages: &[(u64, Bytes)]) -> Result<(Vec<u8>, [u8; 32]), SnapshotFault> {
    let (remaining, first) = &messages[0];
    let mut check = Check::begin(*remaining, first)?;
    let mut database = Vec::new();
    for (remaining, blob) in messages {
        let bytes = check.message(*remaining, blob.clone())?;
        database.extend(bytes.iter().flatten());
    }
    let sha256 = check.end()?.of(&Sha256::new_with_prefix(&database))?;
    Ok((database, sha256))
}

#[test]
fn a_whole_snapshot_is_one() {
    let messages = whole();
    let (database, sha256) = checked(&messages).unwrap();
    assert_eq!(database, (0..70).collect::<Vec<u8>>());
    assert_eq!(sha256, messages[3].1[..]);
    assert_eq!(Check::begin(38, &messages[0].1).unwrap().size(), 70);
}

/// etcd drops the error of reading its database, and then sends empty messages for ever. A client that
/// waits for `remaining` to become 0 waits with it; one that takes the end of the stream for the end of
/// the database stores a part of it.
#[test]
fn a_message_without_bytes_is_no_part_of_a_database() {
    let mut messages = whole();
    messages[1].1 = Bytes::new();
    let empty = SnapshotFault::Empty { missing: 38 };
    assert_eq!(checked(&messages), Err(empty));
    messages[0].1 = Bytes::new();
    assert_eq!(checked(&messages), Err(empty));
}

/// Early or late by a message, wherever it is missing or comes twice: never a shorter database.
#[test]
fn a_stream_that_is_one_message_short_or_long_is_no_snapshot() {
    let whole = whole();
    for at in 0..whole.len() {
        let mut short = whole.clone();
        short.remove(at);
        assert!(checked(&short).is_err(), "without message {at}");
        assert!(checked(&whole[..=at]).is_ok() == (at == 3), "up to {at}");
        let mut long = whole.clone();
        long.insert(at, whole[at].clone());
        assert!(checked(&long).is_err(), "message {at} twice");
    }
    let faults = [0, 1, 2].map(|last| checked(&whole[..=last]).unwrap_err());
    let short = [38, 6].map(|missing| SnapshotFault::Short { missing });
    assert_eq!(faults, [short[0], short[1], SnapshotFault::NoHash]);
    let mut long = whole.clone();
    long.push((0, Bytes::new()));
    assert_eq!(checked(&long), Err(SnapshotFault::Long));
}

#[test]
fn a_database_that_is_not_what_etcd_hashed_is_refused() {
    for at in 0..4 {
        let mut messages = whole();
        let mut bytes = messages[at].1.to_vec();
        bytes[0] ^= 1;
        messages[at].1 = bytes.into();
        assert_eq!(checked(&messages), Err(SnapshotFault::WrongHash), "{at}");
    }
}

#[test]
fn what_is_missing_goes_down_by_what_comes() {
    for (at, remaining) in [(1, 7), (1, 5), (1, 38), (2, 1), (1, u64::MAX)] {
        let mut messages = whole();
        messages[at].0 = remaining;
        let told = checked(&messages).unwrap_err();
        let miscounted =
            matches!(told, SnapshotFault::Miscounted { remaining: r, .. } if r == remaining);
        assert!(miscounted, "{told}");
    }
    let mut messages = whole();
    messages[0].0 = u64::MAX;
    let oversized = SnapshotFault::Oversized {
        length: 32,
        remaining: u64::MAX,
    };
    assert_eq!(checked(&messages), Err(oversized));
    let mut messages = whole();
    messages[3].0 = 1;
    assert_eq!(
        checked(&messages),
        Err(SnapshotFault::NotAHash { length: 32 })
    );
    messages[3] = (0, Bytes::from_static(&[0; 31]));
    let not = SnapshotFault::NotAHash { length: 31 };
    assert_eq!(checked(&messages), Err(not));
}

/// What a hostile or broken sender may do to a message.
#[derive(Debug, Clone)]
enum Harm {
    Remaining(u64),
    Flip(usize),
    Shorten(usize),
    Drop,
    Repeat,
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        any::<u64>().prop_map(Harm::Remaining),
        any::<usize>().prop_map(Harm::Flip),
        any::<usize>().prop_map(Harm::Shorten),
        Just(Harm::Drop),
        Just(Harm::Repeat),
    ]
}

fn harmed(mut messages: Vec<(u64, Bytes)>, at: usize, harm: &Harm) -> Vec<(u64, Bytes)> {
    let at = at % messages.len();
    let (remaining, blob) = &mut messages[at];
    match harm {
        Harm::Remaining(other) => *remaining = *other,
        Harm::Flip(bit) => {
            let mut bytes = blob.to_vec();
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            *blob = bytes.into();
        }
        Harm::Shorten(by) => blob.truncate(by % blob.len()),
        Harm::Drop => drop(messages.remove(at)),
        Harm::Repeat => {
            let again = messages[at].clone();
            messages.insert(at, again);
        }
    }
    messages
}

proptest! {
    /// However the bytes are cut into messages they are taken; whatever is done to a message, what is taken
    /// is the same database or none.
    #[test]
    fn a_stream_is_the_database_or_none(
        database in prop::collection::vec(any::<u8>(), 1..300),
        piece in 1..100_usize,
        at: usize,
        harm in harm(),
    ) {
        let mut remaining = database.len() as u64;
        let mut messages = Vec::new();
        for chunk in database.chunks(piece) {
            remaining -= chunk.len() as u64;
            messages.push((remaining, Bytes::copy_from_slice(chunk)));
        }
        messages.push((0, Bytes::copy_from_slice(&Sha256::digest(&database))));
        prop_assert_eq!(&checked(&messages).unwrap().0, &database);
        let harmed = harmed(messages, at, &harm);
        if let Some((remaining, first)) = harmed.first()
            && Check::begin(*remaining, first).is_ok()
            && let Ok((taken, _)) = checked(&harmed)
        {
            prop_assert_eq!(taken, database);
        }
    }
}
