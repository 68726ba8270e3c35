//! A database in a file of its own: what `etcdctl snapshot save` wrote, a snapshot of k3s, RKE2 or kubeadm, or
//! a copy of a member's `db`; also gzipped. No store is needed to restore it, and no name says what it is.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use etcd::data_dir::DB;
use snapstore::{Key, ObjectId};

use super::catalogue::{Catalogue, Snapshot};
use super::compression::{Compression, Decoder};
use super::name::{Kind, SnapshotName};
use crate::error::{Error, Result};
use crate::lock;

/// Where the magic number of bbolt stands: in the first page, after its header (bbolt 1.3 and 1.4, `page.go`,
/// `db.go`; little-endian on every machine that etcd supports).
const BBOLT: (usize, [u8; 4]) = (16, [0xed, 0xda, 0x0c, 0xed]);
/// RFC 1952, 2.3.1.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The magic of a frame of zstd (RFC 8878, section 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What k3s and RKE2 write with `--etcd-snapshot-compress` (APPNOTE.TXT 4.3.7).
const ZIP: [u8; 4] = *b"PK\x03\x04";

/// A database in a file.
#[derive(Debug, Clone)]
pub struct DatabaseFile {
    /// The directory that it is in.
    pub directory: PathBuf,
    snapshot: Snapshot,
}

impl DatabaseFile {
    /// Looks at the file at `path`, whose content is not read yet.
    ///
    /// Errors: `Io` if it cannot be read, `DataDir` if it is no database, or in use by an etcd.
    pub fn find(path: &Path) -> Result<Self> {
        let refused = |what: String| Error::DataDir {
            path: path.to_owned(),
            what,
        };
        let path_of = path.canonicalize().map_err(Error::io("read", path))?;
        let file = File::open(&path_of).map_err(Error::io("read", path))?;
        let meta = file.metadata().map_err(Error::io("read", path))?;
        if !meta.is_file() {
            let inside = path.join(DB).display().to_string();
            let what = format!("it is not a file; the database of a data directory is {inside}");
            return Err(refused(what));
        }
        if lock::is_held(&path_of).map_err(Error::io("read", path))? {
            let holder = lock::holder(&path_of);
            return Err(refused(format!(
                "{holder} uses it, and what is read changes under way; stop that process, or take a snapshot \
                 with `etcdctl snapshot save`"
            )));
        }
        let (Some(directory), Some(name)) = (path_of.parent(), path_of.file_name()) else {
            return Err(refused("it is not a file".to_owned()));
        };
        if named(&path_of).is_some_and(|name| name.kind == Kind::Delta) {
            return Err(refused(DELTA.to_owned()));
        }
        let compression = compression(&file, &path_of).map_err(Error::io("read", path))?;
        let compression = compression.map_err(|what| refused(what.to_owned()))?;
        let key = name.to_str().ok_or("its name is not UTF-8".to_owned());
        let key = key.and_then(|name| Key::new(name).map_err(|error| error.to_string()));
        let key = key.map_err(|why| refused(format!("{why}: rename the file")))?;
        Ok(Self {
            directory: directory.to_owned(),
            snapshot: Snapshot {
                name: SnapshotName {
                    kind: Kind::Full,
                    first: 0,
                    // A full may be ahead of its name, and this one has none.
                    last: 0,
                    created: meta.mtime(),
                    compression,
                    is_final: false,
                },
                id: ObjectId { key, version: None },
                size: meta.len(),
                modified: meta.modified().ok(),
                etag: None,
                retain_until: None,
            },
        })
    }

    /// Its name, without the directory.
    pub fn name(&self) -> &str {
        self.snapshot.key().as_str()
    }

    /// As a store that holds nothing else.
    pub(crate) fn catalogue(&self) -> Catalogue {
        Catalogue {
            snapshots: vec![self.snapshot.clone()],
            ignored: Vec::new(),
        }
    }
}

/// The database in the file at `path`: the file itself, or what it unpacks to, in a temporary file without a
/// name. One that is neither is given as it is: what is wrong with it shows.
pub(crate) fn unpacked(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    let packed = match compression(&file, path).map_err(Error::io("read", path))? {
        Ok(Compression::None) => return Ok(file),
        Ok(packed) => packed,
        Err(ZIPPED) => {
            return Err(Error::DataDir {
                path: path.to_owned(),
                what: ZIPPED.to_owned(),
            });
        }
        Err(_) => return Ok(file),
    };
    let temp_dir = std::env::temp_dir();
    let mut to =
        tempfile::tempfile().map_err(Error::io("create a temporary file in", &temp_dir))?;
    let mut content = Decoder::new(packed, BufReader::new(file));
    let mut piece = vec![0; 1 << 20];
    loop {
        match content
            .read(&mut piece)
            .map_err(Error::io("unpack", path))?
        {
            0 => return Ok(to),
            length => to
                .write_all(&piece[..length])
                .map_err(Error::io("write a temporary file in", &temp_dir))?,
        }
    }
}

const ZIPPED: &str = "it is a zip archive: unpack it first, `unzip -p FILE > snapshot.db`";

/// Whether a file that begins with `head` is a bbolt file.
pub(crate) fn is_database(head: &[u8]) -> bool {
    let (at, magic) = BBOLT;
    head.get(at..at + magic.len())
        .is_some_and(|found| found == magic)
}

const DELTA: &str = "by its name it is a delta, which is no state without its full: put both into one store, and \
                     restore from that";

/// What the file is by its name, if it has that of an object of a store.
fn named(path: &Path) -> Option<SnapshotName> {
    let name = path.file_name().and_then(|name| name.to_str())?;
    SnapshotName::parse(name).ok()
}

/// How the file at `path` is compressed, or why it is no database. LZW and zlib have no first bytes of their own: a
/// name tells of them.
fn compression(file: &File, path: &Path) -> io::Result<Result<Compression, &'static str>> {
    let by_name = named(path).map(|name| name.compression);
    let mut head = vec![0; BBOLT.0 + BBOLT.1.len()];
    let length = file.read_at(&mut head, 0)?;
    head.truncate(length);
    Ok(if is_database(&head) {
        Ok(Compression::None)
    } else if head.starts_with(&GZIP) {
        Ok(Compression::Gzip)
    } else if head.starts_with(&ZSTD) {
        Ok(Compression::Zstd)
    } else if head.starts_with(&ZIP) {
        Err(ZIPPED)
    } else if let Some(packed @ (Compression::Lzw | Compression::Zlib)) = by_name {
        Ok(packed)
    } else {
        Err("it is neither a database of etcd (bbolt) nor one that is compressed with gzip or zstd")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("my.db");
        let find = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            DatabaseFile::find(&path)
        };
        let database = [&[0; 16][..], &BBOLT.1, &[0; 100]].concat();
        let found = find(&database).unwrap();
        assert_eq!(found.name(), "my.db");
        assert_eq!(found.snapshot.name.compression, Compression::None);
        let found = find(&GZIP).unwrap();
        assert_eq!(found.snapshot.name.compression, Compression::Gzip);
        let found = find(&ZSTD).unwrap();
        assert_eq!(found.snapshot.name.compression, Compression::Zstd);
        for (bytes, why) in [
            (&ZIP[..], "unzip -p"),
            (b"", "neither"),
            (&database[..19], "neither"),
        ] {
            let error = find(bytes).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("my.db"), "{error}");
        }
        let error = DatabaseFile::find(dir.path()).unwrap_err().to_string();
        assert!(error.contains("member/snap/db"), "{error}");
        assert!(DatabaseFile::find(&dir.path().join("none")).is_err());
    }
}
