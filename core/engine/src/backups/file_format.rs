use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::compression::{Compression, Decoder};

/// Where the magic number of bbolt stands: in the first page, after its header (bbolt 1.3 and 1.4, `page.go`,
/// `db.go`; little-endian on every machine that etcd supports).
const BBOLT: Magic = (16, &[0xed, 0xda, 0x0c, 0xed]);
/// RFC 1952, 2.3.1.
const GZIP: Magic = (0, &[0x1f, 0x8b]);
/// The magic of a frame of zstd (RFC 8878, section 3.1.1).
const ZSTD: Magic = (0, &[0x28, 0xb5, 0x2f, 0xfd]);
/// The header of a file in a zip archive, as k3s and RKE2 write it with `--etcd-snapshot-compress` (APPNOTE.TXT 4.3.7).
const ZIP: Magic = (0, b"PK\x03\x04");
/// The header of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format").
const TAR: Magic = (257, b"ustar");

const TAR_TOLD: &str = "it is a tar archive: unpack it first, `tar -xf FILE`";

/// What a database is packed into by other programs, and cannot be read here: a zip archive without a file (APPNOTE.TXT
/// 4.3.16); xz (xz-file-format.txt, 2.1.1.1); bzip2 (bzip2 1.0.8, `decompress.c`: `BZh`, and the size of its blocks).
const OTHERS: [(Magic, &str); 5] = [
    (
        (0, b"PK\x05\x06"),
        "it is a zip archive that holds no file: copy it anew from where it was made",
    ),
    (
        (0, b"\xfd7zXZ\0"),
        "it is compressed with xz: unpack it first, `xz -dc FILE > snapshot.db`",
    ),
    (
        (0, b"BZh"),
        "it is compressed with bzip2: unpack it first, `bzip2 -dc FILE > snapshot.db`",
    ),
    (TAR, TAR_TOLD),
    (
        (0, b"age-encryption.org/v1"),
        "it is encrypted with age: decrypt it first, `age -d -i IDENTITY FILE > snapshot.db`",
    ),
];

/// Bytes, and the offset at which they stand.
type Magic = (usize, &'static [u8]);

/// Bytes in which all of these stand.
const HEAD: usize = 512;

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFormat {
    /// A database of etcd, compressed so.
    Database(Compression),
    /// Of a kind that holds no database that could be read: which, and what to do.
    Other(&'static str),
    /// Nothing tells: a damaged database, say.
    Unknown,
}

impl FileFormat {
    /// That of `file`, which is at `path`; `by_name` is how the name says that it is compressed.
    pub(super) fn of(file: &File, path: &Path, by_name: Option<Compression>) -> io::Result<Self> {
        let mut head = vec![0; HEAD];
        let length = file.read_at(&mut head, 0)?;
        head.truncate(length);
        let compression = if is_database(&head) {
            return Ok(Self::Database(Compression::None));
        } else if has(&head, GZIP) {
            Compression::Gzip
        } else if has(&head, ZSTD) {
            Compression::Zstd
        } else if has(&head, ZIP) {
            Compression::Zip
        } else if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| has(&head, *magic)) {
            return Ok(Self::Other(what));
        } else if let Some(packed @ (Compression::Lzw | Compression::Zlib)) = by_name {
            packed
        } else {
            return Ok(Self::Unknown);
        };
        Ok(match has(&unpacked_head(path, compression)?, TAR) {
            true => Self::Other(TAR_TOLD),
            false => Self::Database(compression),
        })
    }
}

/// Whether a file that begins with `head` is a bbolt file.
pub(crate) fn is_database(head: &[u8]) -> bool {
    has(head, BBOLT)
}

fn has(head: &[u8], (at, magic): Magic) -> bool {
    let found = head.get(at..at + magic.len());
    found.is_some_and(|found| found == magic)
}

/// The beginning of what the file at `path` unpacks to. What cannot be unpacked is told where all of it is read.
fn unpacked_head(path: &Path, compression: Compression) -> io::Result<Vec<u8>> {
    let file = BufReader::new(File::open(path)?);
    let mut head = Vec::new();
    let content = Decoder::new(compression, file);
    let _ = content.take(HEAD as u64).read_to_end(&mut head);
    Ok(head)
}
