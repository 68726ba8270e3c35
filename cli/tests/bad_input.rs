//! Damaged objects: each is refused with a sentence that names it, and nothing is left behind.

mod support;

use support::{History, Site, delta_name, full_name};
use testkit::backup::{Compression, compress, with_hash};
use testkit::synthetic::{Event, delta};

const SKIP: &str = "--skip-hash-check";

/// A store like [`Site::with_history`], compressed otherwise.
fn compressed(compression: Compression) -> (Site, [String; 3]) {
    let (site, mut history) = (Site::new(), History::default());
    history.wander(60, 1);
    let names = [
        full_name(20, compression),
        delta_name(21, 40, compression),
        delta_name(41, 60, compression),
    ];
    let contents = [
        history.full(20),
        history.delta(21..=40),
        history.delta(41..=60),
    ];
    for (name, content) in names.iter().zip(contents) {
        site.put(name, compress(compression, &content));
    }
    (site, names)
}

/// The backup of the tests below, whole: what it restores to, whatever it is compressed with.
#[test]
fn undamaged_it_is_restored() {
    let hashes = Compression::ALL.map(|compression| compressed(compression).0.restored_hash(&[]));
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
}

#[test]
fn a_truncated_object_is_refused_wherever_it_ends() {
    for compression in Compression::ALL {
        let (site, names) = compressed(compression);
        for name in &names {
            let whole = site.read(name);
            let near_the_end = [1, 4, 8, 31, 32, 33].map(|short| whole.len() - short);
            let middle = (0..8).map(|part| whole.len() * part / 8);
            for length in middle.chain(near_the_end) {
                site.put(name, &whole[..length]);
                site.refused(&[], &[&format!("v2/{name}"), "restore a state before it"]);
            }
            site.put(name, whole);
        }
    }
}

#[test]
fn an_empty_object_is_refused() {
    for compression in Compression::ALL {
        let (site, names) = compressed(compression);
        for name in &names {
            let whole = site.read(name);
            site.put(name, "");
            site.refused(&[], &[&format!("v2/{name}")]);
            site.refused(&[SKIP], &[&format!("v2/{name}")]);
            site.put(name, whole);
        }
    }
}

#[test]
fn an_object_with_more_behind_its_end_is_refused() {
    for compression in Compression::ALL {
        let (site, names) = compressed(compression);
        for name in &names {
            let whole = site.read(name);
            // LZW has its end within a byte, and its decoder reads up to seven bytes ahead.
            site.put(name, [&whole[..], b"more than that"].concat());
            site.refused(&[], &[&format!("v2/{name}")]);
            site.put(name, whole);
        }
    }
}

/// Named otherwise than compressed: by a copy gone wrong, or a bucket that unpacks on the way.
#[test]
fn an_object_under_the_suffix_of_another_compression_is_refused() {
    for compression in Compression::ALL {
        for named in Compression::ALL.into_iter().filter(|c| *c != compression) {
            let (site, mut history) = (Site::new(), History::default());
            history.wander(40, 1);
            let name = full_name(20, named);
            site.put(&name, compress(compression, &history.full(20)));
            site.refused(&[], &[&format!("v2/{name}")]);
            site.remove(&name);

            site.put_full(&history, 20);
            let name = delta_name(21, 40, named);
            site.put(&name, compress(compression, &history.delta(21..=40)));
            site.refused(&[], &[&format!("v2/{name}")]);
        }
    }
}

/// The content of an object, changed under a compression that is whole.
fn change(site: &Site, name: &str, content: Vec<u8>) {
    site.put(name, compress(Compression::Gzip, &content));
}

#[test]
fn a_wrong_hash_is_refused_unless_it_is_not_to_be_looked_at() {
    let (site, history) = Site::with_history();
    let undamaged = site.restored_hash(&[]);
    let full = full_name(20, Compression::Gzip);
    let second = delta_name(41, 60, Compression::Gzip);
    for (name, mut content) in [(&full, history.full(20)), (&second, history.delta(41..=60))] {
        let whole = site.read(name);
        *content.last_mut().unwrap() ^= 1;
        change(&site, name, content);
        let words = [&format!("v2/{name}"), "SHA-256", "--skip-hash-check"];
        site.refused(&[], &words);
        assert_eq!(site.restored_hash(&[SKIP]), undamaged);
        assert_eq!(site.restored_hash(&["--skip-hash-check=true"]), undamaged);
        site.refused(&["--skip-hash-check=false"], &words);
        site.put(name, whole);
    }
}

/// Without a hash: a copy of a data directory's file, or a delta whose end was lost.
#[test]
fn a_missing_hash_is_refused_unless_it_is_not_to_be_looked_at() {
    let (site, history) = Site::with_history();
    let undamaged = site.restored_hash(&[]);
    let full = full_name(20, Compression::Gzip);
    let first = delta_name(21, 40, Compression::Gzip);
    for (name, content) in [(&full, history.full(20)), (&first, history.delta(21..=40))] {
        let whole = site.read(name);
        change(&site, name, content[..content.len() - 32].to_vec());
        site.refused(&[], &[&format!("v2/{name}")]);
        assert_eq!(site.restored_hash(&[SKIP]), undamaged);
        site.put(name, whole);
    }
}

/// The hash is one guard of several: what is skipped with it is only the comparison.
#[test]
fn without_the_hash_check_a_broken_content_is_still_refused() {
    let (site, history) = Site::with_history();
    let first = delta_name(21, 40, Compression::Gzip);
    let content = history.delta(21..=40);
    for (at, byte) in [(0, b'{'), (1, b'x'), (30, b'"'), (content.len() - 33, b',')] {
        let mut content = content.clone();
        content[at] = byte;
        change(&site, &first, content);
        site.refused(&[SKIP], &[&format!("v2/{first}"), "at byte"]);
    }
    change(&site, &first, content[..content.len() / 2].to_vec());
    site.refused(&[SKIP], &[&format!("v2/{first}"), "breaks off"]);

    let (site, history) = Site::with_history();
    let full = full_name(20, Compression::Gzip);
    let database = history.full(20);
    for at in [0, 16, 4096, 4096 + 16, 3 * 4096 + 8] {
        let mut broken = database.clone();
        broken[at..at + 8].fill(0xff);
        // The other meta page may take over; then nothing was lost.
        change(&site, &full, broken);
        if at < 8192 {
            continue;
        }
        site.refused(&[SKIP], &[&format!("v2/{full}")]);
    }
}

#[test]
fn content_that_disagrees_with_its_name_is_refused() {
    for (first, last) in [(21, 39), (21, 41), (20, 40), (22, 40), (21, 60)] {
        let (site, history) = Site::with_history();
        site.remove(&delta_name(21, 40, Compression::Gzip));
        let name = delta_name(first, last, Compression::Gzip);
        change(&site, &name, history.delta(21..=40));
        let revisions = format!("its name says revisions {first} to {last}");
        site.refused(
            &["--to-revision", &last.min(40).to_string()],
            &[&format!("v2/{name}"), &revisions],
        );
    }
}

/// Replaces the second delta by one with other events, its hash right.
fn with_events(change: impl Fn(&mut Vec<Event>)) -> (Site, String) {
    let (site, history) = Site::with_history();
    let mut events = history.events(41..=60);
    change(&mut events);
    let name = delta_name(41, 60, Compression::Gzip);
    site.put(&name, compress(Compression::Gzip, &delta(&events)));
    (site, name)
}

fn deleted(revision: i64, key: &[u8]) -> Event {
    Event {
        revision,
        key: key.to_vec(),
        value: None,
        create_revision: 0,
        version: 0,
        lease: 0,
    }
}

#[test]
fn a_delete_of_a_key_that_is_not_live_is_refused() {
    let (site, name) = with_events(|events| {
        events.retain(|event| event.revision != 60);
        events.push(deleted(60, b"never-there"));
    });
    site.refused(&[], &[&format!("v2/{name}"), "revision 60"]);
}

#[test]
fn a_key_deleted_twice_is_refused() {
    let (site, name) = with_events(|events| {
        let delete = |revision, key: &[u8]| Event {
            revision,
            key: key.to_vec(),
            value: None,
            create_revision: 0,
            version: 0,
            lease: 0,
        };
        events.retain(|event| !(51..=52).contains(&event.revision));
        let at = events.iter().position(|event| event.revision > 52).unwrap();
        let last = events[..at]
            .iter()
            .rev()
            .find(|event| event.value.is_some());
        let key = last.unwrap().key.clone();
        events.insert(at, delete(52, &key));
        events.insert(at, delete(51, &key));
    });
    site.refused(&[], &[&format!("v2/{name}"), "revision 52", "the key \""]);
}

#[test]
fn a_put_of_an_impossible_version_is_refused() {
    for wrong in [-1, 0, 1000] {
        let (site, name) = with_events(|events| {
            let put = events.iter_mut().find(|event| event.version > 1).unwrap();
            put.version = wrong;
        });
        site.refused(&[], &[&format!("v2/{name}"), "revision"]);
    }
    let (site, name) = with_events(|events| {
        let put = events.iter_mut().find(|event| event.version > 1).unwrap();
        put.create_revision -= 1;
    });
    site.refused(&[], &[&format!("v2/{name}"), "revision"]);
}

#[test]
fn revisions_that_jump_or_run_backwards_are_refused() {
    let (site, name) = with_events(|events| events.retain(|event| event.revision != 50));
    site.refused(
        &[],
        &[
            &format!("v2/{name}"),
            "at byte",
            "revision 51 follows revision 49",
        ],
    );
    let (site, name) = with_events(|events| {
        let at = events
            .iter()
            .position(|event| event.revision == 50)
            .unwrap();
        let earlier = events[0].clone();
        events.insert(at, earlier);
    });
    site.refused(
        &[],
        &[
            &format!("v2/{name}"),
            "at byte",
            "revision 41 follows revision 49",
        ],
    );
}

#[test]
fn a_delta_without_events_is_refused() {
    let (site, _) = Site::with_history();
    let name = delta_name(41, 60, Compression::Gzip);
    for content in ["[]", "", "null", "{}"] {
        change(&site, &name, with_hash(content.into()));
        site.refused(&[], &[&format!("v2/{name}")]);
    }
}

/// The events fit each other but not the full: they are of another history.
#[test]
fn a_full_of_another_history_is_refused() {
    let (site, _) = Site::with_history();
    let mut other = History::default();
    other.wander(20, 99);
    site.put_full(&other, 20);
    site.refused(&[], &["v2/Incr-00000021-00000040", "different histories"]);
}

/// What `restore` refuses, `verify` refuses with the same words.
#[test]
fn verify_says_the_same() {
    let (site, name) = with_events(|events| events.retain(|event| event.revision != 50));
    let run = site.run("verify", &[]);
    run.failed_with(&[&format!("v2/{name}"), "revision 51 follows revision 49"]);
}
