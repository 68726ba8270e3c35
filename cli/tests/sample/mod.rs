//! The backups that the reference made, and what their sources held at that moment.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests, each with its part of it"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use testkit::etcd::{HashKv, State};
use testkit::restore::Restorer;

/// A directory of `testdata/backups`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample(pub(crate) &'static str);

/// Of an etcd 3.5.1, in gzip.
pub(crate) const E35: Sample = Sample("e35-gzip");
/// Of an etcd 3.4.23, in Go's LZW.
pub(crate) const E34: Sample = Sample("e34-lzw");

impl Sample {
    pub(crate) fn restorer(self) -> Restorer {
        Restorer {
            program: PathBuf::from(env!("CARGO_BIN_EXE_etcdbrctl")),
            store: self.dir(),
        }
    }

    /// What `etcdctl get "" --prefix -w json` said.
    pub(crate) fn state(self) -> State {
        let dump = File::open(self.dir().join("dump.json.gz")).unwrap();
        serde_json::from_reader(GzDecoder::new(dump)).unwrap()
    }

    /// What `etcdctl endpoint hashkv` said.
    pub(crate) fn hash_kv(self) -> HashKv {
        HashKv::parse(&fs::read_to_string(self.dir().join("hashkv.json")).unwrap()).unwrap()
    }

    fn dir(self) -> PathBuf {
        let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = crate_dir.parent().unwrap();
        root.join("testdata/backups").join(self.0)
    }
}
