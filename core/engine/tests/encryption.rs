//! The stream of what is encrypted: whole, or an error; wherever it is cut, and whichever byte is another.

use std::io::{self, Read};
use std::sync::Arc;

use engine::encryption::{ChainKey, Named, Sealer, key_named_in, open};
use proptest::prelude::*;

const NAME: &str = "Incr-00000011-00000020-1700000000";

/// A chunk of age.
const CHUNK: usize = 64 << 10;

fn read(object: &[u8], name: &str, key: &Arc<ChainKey>) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(object, name, |named| {
        assert!(matches!(named, Named::Key(id) if id == key.id()) || named == Named::None);
        Ok(vec![key.clone()])
    })?
    .read_to_end(&mut content)?;
    Ok(content)
}

fn content(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(length as u64);
    (0..length).map(|_| random.u8(..)).collect()
}

/// Around the ends of chunks, where a truncated stream is most like a whole one.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..300_usize,
        CHUNK - 2..CHUNK + 2,
        2 * CHUNK - 2..2 * CHUNK + 2
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_sealed_opens_in_whatever_pieces_it_is_written(length in lengths(), piece in 1..70_000_usize) {
        use io::Write;
        let (key, content) = (Arc::new(ChainKey::generate()), content(length));
        let mut sealer = Sealer::new(&key, NAME).unwrap();
        let mut object = Vec::new();
        for piece in content.chunks(piece) {
            sealer.write_all(piece).unwrap();
            object.extend(sealer.take());
            prop_assert_eq!(sealer.ready(), 0);
        }
        object.extend(sealer.finish().unwrap());
        let named = key_named_in(&object[..]).unwrap();
        prop_assert_eq!(named.as_ref(), Some(key.id()));
        prop_assert_eq!(read(&object, NAME, &key).unwrap(), content);
    }

    #[test]
    fn any_cut_and_any_byte_too_many_is_an_error(length in lengths(), cut: prop::sample::Index) {
        let (key, content) = (Arc::new(ChainKey::generate()), content(length));
        let object = Sealer::sealed(&key, NAME, &content).unwrap();
        prop_assert!(read(&object[..cut.index(object.len())], NAME, &key).is_err());
        prop_assert!(read(&object[..object.len() - 1], NAME, &key).is_err());
        prop_assert!(read(&[&object[..], &[0]].concat(), NAME, &key).is_err());
        // Whole chunks less: each of them decrypts, and the last of them is not the last.
        for chunks in 1..=2 {
            if let Some(cut) = object.len().checked_sub(chunks * (CHUNK + 16)) {
                prop_assert!(read(&object[..cut], NAME, &key).is_err());
            }
        }
    }

    #[test]
    fn any_other_byte_is_an_error(length in lengths(), at: prop::sample::Index, bit in 0..8_u8) {
        let (key, content) = (Arc::new(ChainKey::generate()), content(length));
        let mut object = Sealer::sealed(&key, NAME, &content).unwrap();
        let at = at.index(object.len());
        object[at] ^= 1 << bit;
        let opened = open(&object[..], NAME, |_| Ok(vec![key.clone()]));
        let read = opened.and_then(|mut opened| io::copy(&mut opened, &mut io::sink()));
        prop_assert!(read.is_err(), "byte {} of {}", at, object.len());
    }
}

/// Every byte of a small object, header and all.
#[test]
fn no_byte_of_a_small_object_may_be_another() {
    let key = Arc::new(ChainKey::generate());
    let object = Sealer::sealed(&key, NAME, b"[]").unwrap();
    for at in 0..object.len() {
        for bit in 0..8 {
            let mut spoilt = object.clone();
            spoilt[at] ^= 1 << bit;
            let opened = open(&spoilt[..], NAME, |_| Ok(vec![key.clone()]));
            let read = opened.and_then(|mut opened| io::copy(&mut opened, &mut io::sink()));
            assert!(read.is_err(), "bit {bit} of byte {at}");
        }
        assert!(read(&object[..at], NAME, &key).is_err(), "cut at {at}");
    }
}

#[test]
fn another_name_and_another_key_are_errors() {
    let key = Arc::new(ChainKey::generate());
    let object = Sealer::sealed(&key, NAME, b"[]").unwrap();
    let error = read(&object, "Incr-00000021-00000030-1700000001", &key).unwrap_err();
    assert!(error.to_string().contains(NAME), "{error}");
    let other = Arc::new(ChainKey::generate());
    let error = open(&object[..], NAME, |_| Ok(vec![other.clone()]));
    let error = error.map(drop).unwrap_err().to_string();
    assert!(error.contains(key.id().as_str()), "{error}");
}

/// One line without an end would take all memory there is.
#[test]
fn a_header_without_an_end_is_refused() {
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += buffer.len() as u64;
            assert!(self.0 < 1 << 20, "a megabyte of header was read");
            buffer.fill(b'A');
            Ok(buffer.len())
        }
    }
    let begin = &b"age-encryption.org/v1\n-> X25519 "[..];
    for begin in [begin, b"", b"age-encryption.org/v1\n"] {
        let source = io::BufReader::new(begin.chain(Endless(0)));
        let error = open(source, NAME, |_| Ok(Vec::new()));
        assert!(error.is_err());
    }
}
