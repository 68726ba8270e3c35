use proptest::option;
use proptest::prelude::*;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, PutOptions, Snapstore};

use super::*;
use crate::backups::{Catalogue, Kind};

const NAME: &str = "Full-00000000-00000042-1700000000.gz";

fn sum() -> impl Strategy<Value = Option<String>> {
    option::of("[0-9a-f]{64}")
}

fn lineage() -> impl Strategy<Value = Lineage> {
    let parent =
        ("[a-z0-9]{1,16}", 0..i64::MAX, any::<bool>()).prop_map(|(id, left_at, proven)| {
            let branching = match proven {
                true => Branching::Proven,
                false => Branching::Unproven,
            };
            Parent {
                id,
                left_at,
                branching,
            }
        });
    ("[a-z0-9]{1,16}", option::of(parent)).prop_map(|(id, parent)| Lineage { id, parent })
}

prop_compose! {
    fn any_metadata()(
        raw in option::of(any::<u64>()),
        sums in (sum(), sum(), sum()),
        ids in (option::of("[0-9a-f]{1,16}"), option::of("[0-9a-f]{1,16}")),
        lineage in option::of(lineage()),
        revisions in (option::of(0..i64::MAX), option::of(any::<i64>())),
        bucket in option::of((any::<u32>(), any::<u64>(), any::<u64>())),
        key in option::of(prop::collection::vec(any::<u8>(), 0..MAX_WITNESS_KEY)),
        deleted: bool,
        keep: bool,
        gap in option::of((0..1000_i64, 0..1000_i64)),
        proof in option::of((any::<u8>(), any::<i64>(), 0..4_000_000_000_i64)),
        unrecognized in option::of(("x[a-z]{1,8}", any::<i64>())),
    ) -> Metadata {
        let mut metadata = Metadata::of(NAME).unwrap();
        metadata.created = proof.map(|(_, _, at)| jiff::Timestamp::from_second(at).unwrap());
        metadata.raw_bytes = raw;
        (metadata.raw_sha256, metadata.stored_sha256) = (sums.0, sums.1);
        metadata.previous = Some(Previous { snapshot: NAME.into(), stored_sha256: sums.2 });
        (metadata.cluster_id, metadata.member_id) = ids;
        metadata.lineage = lineage;
        metadata.holds = revisions.0;
        metadata.compact = Some(Compact { scheduled: revisions.1, finished: revisions.0 });
        metadata.key_bucket = bucket.map(|(crc32c, bytes, entries)| KeyBucket { crc32c, bytes, entries });
        metadata.witness = key.map(|key| Witness {
            key: Witness::key_of(&key).unwrap(), mod_revision: 9, create_revision: 0, version: 1, deleted,
        });
        metadata.gap = gap.map(|(first, more)| Missing { first, last: first + more });
        metadata.proof = proof.map(|(tier, revision, at)| Proof {
            tier, revision, at: jiff::Timestamp::from_second(at).unwrap(),
        });
        metadata.keep = keep;
        metadata.unrecognized.extend(unrecognized.map(|(name, value)| (name, value.into())));
        metadata
    }
}

/// What the reference makes of a key (`ParseSnapshot`, etcd-backup-restore 0.44): the text after the last `v1/`, or
/// else the last `v2/`.
fn is_looked_at_by_the_reference(key: &str) -> bool {
    key.contains("v1/") || key.contains("v2/")
}

proptest! {
    #[test]
    fn a_document_survives_the_round_trip(metadata in any_metadata()) {
        let json = metadata.to_json().unwrap();
        prop_assert!(json.len() <= MAX_BYTES);
        prop_assert_eq!(Metadata::parse(&json).unwrap(), metadata);
    }

    /// A snapshot's second object at `v2/<name>.meta` is the newest snapshot for the reference, which then fails.
    #[test]
    fn the_reference_does_not_look_at_metadata(revision in 0..i64::MAX, unix in 0..i64::MAX, codec in 0..4_usize, v1: bool) {
        let suffix = ["", ".gz", ".zlib", ".Z.final"][codec];
        let name = format!("Full-00000000-{revision:08}-{unix}{suffix}");
        let key = metadata_key(&name).unwrap();
        prop_assert!(!is_looked_at_by_the_reference(key.as_str()));
        let snapshot = if v1 { format!("v1/Backup-1/{name}") } else { format!("v2/{name}") };
        prop_assert!(is_looked_at_by_the_reference(&snapshot));
        prop_assert_eq!(snapshot_of(&key), Some(&*name));
    }

    #[test]
    fn no_text_makes_the_reader_panic(json in "\\PC{0,200}") {
        let _ = Metadata::parse(json.as_bytes());
    }
}

/// Bytes of a real document changed, removed, doubled: each is refused or read, and what is read can be written.
#[test]
fn mutated_documents_are_refused_or_sound() {
    let mut metadata = Metadata::of(NAME).unwrap();
    metadata.lineage = Some(Lineage {
        id: "a".into(),
        parent: None,
    });
    metadata.gap = Some(Missing { first: 3, last: 9 });
    metadata.raw_sha256 = Some("0".repeat(64));
    let json = metadata.to_json().unwrap();
    let mut random = fastrand::Rng::with_seed(12);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = json.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..bytes.len());
            match random.u8(..4) {
                0 => bytes[at] = random.u8(..),
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(8)),
                _ => bytes.insert(at, b"\"{}[],:0-9x"[random.usize(..11)]),
            }
        }
        match Metadata::parse(&bytes) {
            Ok(found) => {
                assert_eq!(Metadata::parse(&found.to_json().unwrap()).unwrap(), found);
                read += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}

#[test]
fn what_is_wrong_with_a_document_is_said() {
    let told = |json: &str| Metadata::parse(json.as_bytes()).unwrap_err().to_string();
    let document =
        |rest: &str| format!("{{\"format\":1,\"snapshot\":\"{NAME}\",\"kind\":\"full\"{rest}}}");
    assert!(Metadata::parse(document("").as_bytes()).is_ok());
    assert!(told("{\"format\":2}").contains("newer version"));
    assert!(told("[]").contains("not the metadata"));
    assert!(told(&document(",\"raw_sha256\":\"abc\"")).contains("64 digits"));
    assert!(told(&document(",\"cluster_id\":\"0x1\"")).contains("64 bits"));
    assert!(told(&document(",\"gap\":{\"first\":4,\"last\":2}")).contains("gap"));
    let lineage = |id: &str| document(&format!(",\"lineage\":{{\"id\":\"{id}\"}}"));
    assert!(Metadata::parse(lineage("3f-9_a").as_bytes()).is_ok());
    for id in ["", "a b", "a\\nb", "\u{fc}", &"a".repeat(129)] {
        assert!(told(&lineage(id)).contains("lineage is not named"), "{id}");
    }
    assert!(
        told(&document(&format!(
            ",\"tool\":\"{}\"",
            "x".repeat(MAX_BYTES)
        )))
        .contains("4096")
    );
    assert!(told(&document("").replace("full", "delta")).contains("kind"));
    assert!(told(&document("").replace("Full-", "Half-")).contains("Half"));
}

async fn put(store: &MemoryStore, key: &str, body: impl Into<Bytes>) {
    let key = Key::new(key).unwrap();
    let put = store.put(&key, body.into(), PutOptions::overwrite());
    put.await.unwrap();
}

#[tokio::test]
async fn what_is_written_is_read_and_is_no_snapshot() {
    let store = MemoryStore::new();
    assert_eq!(read(&store, NAME).await.unwrap(), None);
    let mut metadata = Metadata::of(NAME).unwrap();
    metadata.holds = Some(44);
    write(&store, &metadata).await.unwrap();
    // The reply was lost, and the same is written again.
    write(&store, &metadata).await.unwrap();
    assert_eq!(read(&store, NAME).await.unwrap(), Some(metadata.clone()));
    let catalogue = Catalogue::read(&store).await.unwrap();
    assert!(catalogue.snapshots.is_empty() && catalogue.ignored.is_empty());
    metadata.holds = Some(45);
    let error = write(&store, &metadata).await.unwrap_err().to_string();
    assert!(error.contains("says something else"), "{error}");
}

/// An operator marks a snapshot before its metadata has arrived; both must hold afterwards.
#[tokio::test]
async fn a_mark_survives_the_metadata_that_arrives_after_it() {
    let store = MemoryStore::new();
    amend(&store, NAME, |metadata| metadata.keep = true)
        .await
        .unwrap();
    let mut metadata = Metadata::of(NAME).unwrap();
    metadata.holds = Some(44);
    write(&store, &metadata).await.unwrap();
    let found = read(&store, NAME).await.unwrap().unwrap();
    assert_eq!((found.keep, found.holds), (true, Some(44)));
    write(&store, &metadata).await.unwrap();
    let after = amend(&store, NAME, |metadata| metadata.keep = false).await;
    assert_eq!(after.unwrap(), metadata);
    assert_eq!(read(&store, NAME).await.unwrap(), Some(metadata));
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_not_taken_for_none() {
    let store = MemoryStore::new();
    let others = "Full-00000000-00000041-1600000000";
    put(&store, &format!("meta/{NAME}.json"), "{").await;
    let json = Metadata::of(NAME).unwrap().to_json().unwrap();
    put(&store, &format!("meta/{others}.json"), json).await;
    put(&store, "meta/notes.txt", "hello").await;
    let error = read(&store, NAME).await.unwrap_err().to_string();
    assert!(error.contains(&format!("meta/{NAME}.json")), "{error}");
    let error = read(&store, others).await.unwrap_err().to_string();
    assert!(
        error.contains("not of the snapshot that its key names"),
        "{error}"
    );
    let all = read_all(&store).await.unwrap();
    assert!(all.by_snapshot.is_empty());
    assert_eq!(Vec::from_iter(all.unreadable.keys()), [others, NAME]);
    assert_eq!(all.unrecognized[0].as_str(), "meta/notes.txt");
    put(
        &store,
        &format!("meta/{NAME}.json"),
        "x".repeat(MAX_BYTES + 1),
    )
    .await;
    assert!(
        read(&store, NAME)
            .await
            .unwrap_err()
            .to_string()
            .contains("4097 bytes")
    );
    assert!(
        amend(&store, NAME, |metadata| metadata.keep = true)
            .await
            .is_err()
    );
}

#[test]
fn a_delta_is_called_a_delta() {
    let metadata = Metadata::of("Incr-00000001-00000042-1700000000").unwrap();
    assert_eq!(metadata.kind, Kind::Delta);
    let json = String::from_utf8(metadata.to_json().unwrap()).unwrap();
    assert!(json.contains("\"kind\":\"delta\""), "{json}");
    let long = Witness::key_of(&[b'k'; MAX_WITNESS_KEY + 1]);
    assert_eq!(long, None);
}
