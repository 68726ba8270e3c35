use std::io::{self, Read};

use bolt::Db;

use super::compression::Compression;
use super::encoding::Encoding;
use crate::size::bytes;

/// The first bytes of a database, in which its meta pages stand for every page size that etcd runs with.
const HEAD: usize = 256 << 10;

/// What a database may have after its pages: bbolt lets its file grow ahead of them.
const AHEAD: u64 = 64 << 20;

/// What is unpacked of something whose first pages are not those of a database: what is wrong with it shows at its end.
const ALWAYS: u64 = 256 << 20;

/// What a database unpacks to, as long as that is what its own first pages say, and as there is room for it: a few bytes that
/// unpack to more than any disk holds are refused before they are. How many times its size it unpacks to tells nothing: one
/// object of a megabyte that was written 300 times becomes one 340th by zstd.
pub(crate) struct Bounded<R> {
    source: R,
    /// Bytes that are free where it is unpacked to, if that is known.
    room: Option<u64>,
    head: Vec<u8>,
    seen: u64,
    most: Option<u64>,
}

impl<R: Read> Bounded<R> {
    /// `room`: bytes that are free where it is unpacked to, if that is known. What is neither compressed nor encrypted is as long as it is.
    pub(crate) fn new(encoding: impl Into<Encoding>, source: R, room: Option<u64>) -> Self {
        Self {
            source,
            room,
            head: Vec::new(),
            seen: 0,
            most: (encoding.into() == Encoding::Plain(Compression::None)).then_some(u64::MAX),
        }
    }

    fn look(&mut self, read: &[u8]) -> io::Result<()> {
        self.seen += read.len() as u64;
        let most = match self.most {
            Some(most) => most,
            None => {
                let missing = HEAD.saturating_sub(self.head.len()).min(read.len());
                self.head.extend_from_slice(&read[..missing]);
                if self.head.len() < HEAD {
                    return Ok(());
                }
                let most = most(&std::mem::take(&mut self.head), self.room)?;
                *self.most.insert(most)
            }
        };
        match self.seen > most {
            true => Err(refused(format!(
                "it unpacks to more than {}, and its own first pages say less: it is no snapshot",
                bytes(most)
            ))),
            false => Ok(()),
        }
    }
}

/// How much it may be that begins so.
fn most(head: &[u8], room: Option<u64>) -> io::Result<u64> {
    let promised = match Db::open(head) {
        Ok(db) => db.logical_size(),
        Err(bolt::Error::Truncated {
            high_water,
            page_size,
            ..
        }) => high_water.saturating_mul(u64::from(page_size)),
        // What is wrong with it shows when all of it was read, if that is not much.
        Err(_) => return Ok(ALWAYS),
    };
    if let Some(room) = room.filter(|room| promised > *room) {
        return Err(refused(format!(
            "by its own first pages it unpacks to {}, and {} are free: nothing more of it was unpacked",
            bytes(promised),
            bytes(room)
        )));
    }
    Ok(promised.saturating_mul(2).saturating_add(AHEAD))
}

fn refused(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.look(&buffer[..read])?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bolt::{BucketHeader, BulkWriter, Forward, Meta};

    fn database() -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        let file = std::fs::File::create_new(&path).unwrap();
        let mut writer = BulkWriter::create(&file, 4096).unwrap();
        writer.bucket(b"key").unwrap();
        for entry in 0..9_u8 {
            writer.push(&[entry], &[7; 1024]).unwrap();
        }
        writer.finish().unwrap();
        std::fs::read(path).unwrap()
    }

    fn read(source: impl Read, room: u64) -> io::Result<u64> {
        let mut bounded = Bounded::new(Compression::Gzip, source, Some(room));
        io::copy(&mut bounded, &mut io::sink())
    }

    #[test]
    fn a_database_and_what_bbolt_lets_grow_after_it_passes() {
        let database = database();
        let length = database.len() as u64;
        assert_eq!(read(&database[..], length).unwrap(), length);
        let grown = database.chain(io::repeat(0).take(16 << 20));
        assert_eq!(read(grown, length).unwrap(), length + (16 << 20));
    }

    /// Three megabytes of gzip that unpacked to three gigabytes of nothing filled the disk.
    #[test]
    fn what_unpacks_to_more_than_its_pages_say_is_refused() {
        let database = database();
        let told = read(database.chain(io::repeat(0)), 1 << 30).unwrap_err();
        assert!(told.to_string().contains("say less"), "{told}");
        assert!(read(io::repeat(0), 1 << 30).is_err());
    }

    /// Three hundred revisions of one object of a megabyte became one 340th by zstd: they were taken and could not be restored,
    /// since more than 200 times was refused.
    #[test]
    fn how_well_it_packs_is_no_reason_to_refuse_it() {
        let root = BucketHeader {
            root: 3,
            sequence: 0,
        };
        let large = Meta {
            page_size: 4096,
            root,
            freelist: None,
            high_water: 1 << 17,
            txid: 1,
        };
        let head = Forward::along(&large, Vec::new()).unwrap().into_inner();
        let length = head.len() as u64;
        let rest = io::repeat(0).take((1 << 29) - length);
        assert_eq!(read(head.chain(rest), 1 << 30).unwrap(), 1 << 29);
    }

    /// As above, by first pages that lie.
    #[test]
    fn what_promises_more_than_there_is_room_for_is_refused() {
        let root = BucketHeader {
            root: 3,
            sequence: 0,
        };
        let a_terabyte = Meta {
            page_size: 4096,
            root,
            freelist: None,
            high_water: 1 << 28,
            txid: 1,
        };
        let head = Forward::along(&a_terabyte, Vec::new())
            .unwrap()
            .into_inner();
        let told = read(head.chain(io::repeat(0)), 1 << 30).unwrap_err();
        assert!(told.to_string().contains("1.00 GiB are free"), "{told}");
    }
}
