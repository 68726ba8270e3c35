//! A database in a file of its own: what `etcdctl snapshot save` wrote, a snapshot of k3s, RKE2 or kubeadm, or
//! a copy of a member's `db`; also compressed. No store is needed to restore it, and no name says what it is.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use etcd::data_dir::DB;
use snapstore::{Key, ObjectId};

use super::bounded::Bounded;
use super::catalogue::{Catalogue, Snapshot};
use super::compression::{Compression, Decoder};
use super::file_format::FileFormat;
use super::given_once;
use super::name::{Kind, SnapshotName};
use crate::error::{Error, Result};
use crate::lock;
use crate::remedy::free;

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
        given_once::refuse(path)?;
        let path_of = path.canonicalize().map_err(Error::io("read", path))?;
        let file = File::open(&path_of).map_err(Error::io("read", path))?;
        let meta = file.metadata().map_err(Error::io("read", path))?;
        if meta.is_dir() {
            let inside = path.join(DB).display().to_string();
            return Err(refused(format!(
                "it is not a file; the database of a data directory is {inside}"
            )));
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
        let format = FileFormat::of(&file, &path_of, by_name(&path_of));
        let compression = match format.map_err(Error::io("read", path))? {
            FileFormat::Database(compression) => compression,
            FileFormat::Other(what) => return Err(refused(what.to_owned())),
            FileFormat::Unknown => return Err(refused(UNKNOWN.to_owned())),
        };
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
                    encoding: compression.into(),
                    is_final: false,
                },
                id: ObjectId { key, version: None },
                size: meta.len(),
                modified: meta.modified().ok(),
                etag: None,
                retain_until: None,
                noted: None,
            },
        })
    }

    /// Its name, without the directory.
    pub fn name(&self) -> &str {
        self.key().as_str()
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.directory.join(self.name())
    }

    /// When it was last written, in seconds since 1970 UTC.
    pub(crate) fn modified(&self) -> i64 {
        self.snapshot.name.created
    }

    pub(crate) fn key(&self) -> &Key {
        self.snapshot.key()
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
    let format = FileFormat::of(&file, path, by_name(path)).map_err(Error::io("read", path))?;
    let packed = match format {
        FileFormat::Database(Compression::None) | FileFormat::Unknown => return Ok(file),
        FileFormat::Database(packed) => packed,
        FileFormat::Other(what) => {
            return Err(Error::DataDir {
                path: path.to_owned(),
                what: what.to_owned(),
            });
        }
    };
    let temp_dir = std::env::temp_dir();
    let mut to =
        tempfile::tempfile().map_err(Error::io("create a temporary file in", &temp_dir))?;
    let content = Decoder::new(packed, BufReader::new(file));
    let mut content = Bounded::new(packed, content, free(&temp_dir));
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

const DELTA: &str = "by its name it is a delta, which is no state without its full: put both into one store, and \
                     restore from that";

/// What a file is that nothing tells to be a database.
pub(crate) const UNKNOWN: &str =
    "it is neither a database of etcd (bbolt) nor one that is compressed with gzip, zip or zstd";

/// LZW and zlib have no first bytes of their own: a name tells of them.
fn by_name(path: &Path) -> Option<Compression> {
    named(path).and_then(|name| name.encoding.plain())
}

/// What the file is by its name, if it has that of an object of a store.
fn named(path: &Path) -> Option<SnapshotName> {
    let name = path.file_name().and_then(|name| name.to_str())?;
    SnapshotName::parse(name).ok()
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
        let database = [&[0; 16][..], &[0xed, 0xda, 0x0c, 0xed], &[0; 100]].concat();
        let found = find(&database).unwrap();
        assert_eq!(found.name(), "my.db");
        assert_eq!(found.snapshot.name.encoding, Compression::None.into());
        let found = find(&[0x1f, 0x8b]).unwrap();
        assert_eq!(found.snapshot.name.encoding, Compression::Gzip.into());
        let found = find(&[0x28, 0xb5, 0x2f, 0xfd]).unwrap();
        assert_eq!(found.snapshot.name.encoding, Compression::Zstd.into());
        let found = find(b"PK\x03\x04").unwrap();
        assert_eq!(found.snapshot.name.encoding, Compression::Zip.into());
        for (bytes, why) in [
            (&b"PK\x05\x06"[..], "holds no file"),
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
