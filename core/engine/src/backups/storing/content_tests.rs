use std::io::Read;
use std::pin::pin;
use std::sync::Arc;

use futures::TryStreamExt;

use super::*;
use crate::backups::encoder::Level;
use crate::encryption::{ChainKey, Sealer, open};

/// How the objects of a test are stored.
type Way<'a> = (Compression, Option<&'a Arc<ChainKey>>);

/// What comes out when `pieces` go in, and then an end with this hash; and what was made.
async fn made(
    way: Way<'_>,
    pieces: &[&'static [u8]],
    size: u64,
    end: Option<[u8; 32]>,
) -> (snapstore::Result<Vec<u8>>, Result<Made>) {
    judged(way, pieces, size, end, Ok(())).await
}

/// The same where whoever looks at what was made says this of it.
async fn judged(
    (compression, key): Way<'_>,
    pieces: &[&'static [u8]],
    size: u64,
    end: Option<[u8; 32]>,
    verdict: io::Result<()>,
) -> (snapstore::Result<Vec<u8>>, Result<Made>) {
    let encoder = Encoder::new(compression, Level::default());
    let sealer = key.map(|key| Sealer::new(key, NAME).unwrap());
    let how = (compression, encoder, sealer);
    let content = Content::start(how, size, 1..=9, |_| verdict.map_err(Error::Encode));
    let (fed, body, made) = content.unwrap().split();
    let database = pieces.iter().map(|piece| Bytes::from_static(piece));
    for piece in database
        .map(Fed::Database)
        .chain(end.map(|end| Fed::End(ClaimedHash::new(end))))
    {
        fed.send(piece).await.unwrap();
    }
    drop(fed);
    let mut body = pin!(body);
    let mut object = Vec::new();
    let body = loop {
        match body.try_next().await {
            Ok(Some(bytes)) => object.extend_from_slice(&bytes),
            Ok(None) => break Ok(object),
            Err(error) => break Err(error),
        }
    };
    (body, made.await.unwrap())
}

/// What an encrypted object is called.
const NAME: &str = "Full-00000000-00000009-1700000000.zlib";

/// The content of an object.
fn content((compression, key): Way<'_>, object: Vec<u8>) -> Vec<u8> {
    let stored = match key {
        Some(key) => {
            let mut plain = Vec::new();
            let mut opened = open(&object[..], NAME, |_| Ok(vec![key.clone()])).unwrap();
            opened.read_to_end(&mut plain).unwrap();
            plain
        }
        None => object,
    };
    let mut content = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(&stored[..]);
    match compression {
        Compression::None => return stored,
        _ => decoder.read_to_end(&mut content).unwrap(),
    };
    content
}

fn hash(of: &[u8]) -> [u8; 32] {
    Sha256::digest(of).into()
}

/// What changes on its way, or in the memory of this machine, would be stored with a hash that is not its own.
#[tokio::test]
async fn a_database_that_is_not_what_etcd_hashed_is_no_object() {
    let key = Arc::new(ChainKey::generate());
    for way in [
        (Compression::Zlib, None),
        (Compression::None, None),
        (Compression::Zlib, Some(&key)),
        (Compression::None, Some(&key)),
    ] {
        let database = &[&b"data"[..], b"base"];
        let (body, whole) = made(way, database, 8, Some(hash(b"database"))).await;
        let (object, whole) = (body.unwrap(), whole.unwrap());
        let size = object.len() as u64;
        assert_eq!((whole.raw_size, whole.stored_size), (40, size));
        assert_eq!(whole.stored_sha256, hash(&object));
        let meant = [&b"database"[..], &hash(b"database")].concat();
        assert_eq!(content(way, object), meant);
        assert_eq!(whole.key.as_ref(), way.1.map(|key| key.id()));
        for (pieces, size, end) in [
            // Changed, short, long, and of another size than was said.
            (&[&b"data"[..], b"bass"][..], 8, hash(b"database")),
            (&[b"data"], 8, hash(b"database")),
            (&[b"data", b"base", b"base"], 8, hash(b"database")),
            (&[b"data", b"base"], 9, hash(b"database")),
            (&[b"data"], 8, hash(b"data")),
        ] {
            let (body, made) = made(way, pieces, size, Some(end)).await;
            assert!(body.is_err(), "{pieces:?}");
            assert!(matches!(made, Err(Error::Changed)), "{made:?}");
        }
    }
}

/// Bytes that stop coming are no end: the object ends by word of the thread alone.
#[tokio::test]
async fn a_stream_without_an_end_makes_no_object() {
    let key = Arc::new(ChainKey::generate());
    for pieces in [&[][..], &[&b"data"[..]], &[b"data", b"base"]] {
        for key in [None, Some(&key)] {
            let (body, made) = made((Compression::Zlib, key), pieces, 8, None).await;
            assert!(body.is_err() && made.is_err(), "{pieces:?}");
        }
    }
}

/// A full whose check fails at its end must not be in the store.
#[tokio::test]
async fn what_does_not_pass_at_its_end_makes_no_object() {
    let key = Arc::new(ChainKey::generate());
    for key in [None, Some(&key)] {
        let refused = Err(io::Error::other("not what was meant"));
        let (zlib, database) = ((Compression::Zlib, key), &[&b"data"[..], b"base"]);
        let (body, made) = judged(zlib, database, 8, Some(hash(b"database")), refused).await;
        assert!(body.is_err());
        assert!(matches!(made, Err(Error::Encode(_))), "{made:?}");
    }
}
