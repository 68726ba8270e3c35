//! A log that etcds of different versions do not make the same of.
#![expect(clippy::unwrap_used, reason = "a failure is the test's")]

use std::fs::{self, File};
use std::io;
use std::path::Path;

use engine::validate::{
    Facts, Mode, Part, Position, Servers, Validation, look_at_content, look_at_structure,
};
use flate2::read::GzDecoder;

/// What a member left on which a client tried to write where it has no right to: etcds up to 3.5.27
/// let some of that pass. The etcd that it was, 3.5.35, came up with revision 121.
fn member(room: &Path) {
    let killed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../etcd/tests/data/replay/users");
    for (from, to) in [
        ("db.gz", "snap/db"),
        ("wal.gz", "wal/0000000000000000-0000000000000000.wal"),
    ] {
        let to = room.join("member").join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let mut packed = GzDecoder::new(File::open(killed.join(from)).unwrap());
        io::copy(&mut packed, &mut File::create(to).unwrap()).unwrap();
    }
}

/// Beside backups that lead to 121 as well.
fn looked(data_dir: &Path, servers: Servers) -> Facts {
    let validation = Validation {
        data_dir: data_dir.to_owned(),
        mode: Mode::Full,
        guard: None,
        servers,
    };
    look_at_content(&validation, Some(121), look_at_structure(data_dir, None))
}

/// The operator was told that nothing is certain, and had no way to say which etcd it was.
#[test]
fn the_etcd_that_will_start_settles_what_versions_differ_in() {
    let room = tempfile::tempdir().unwrap();
    member(room.path());
    let unknown = looked(room.path(), Servers::Any);
    assert!(
        matches!(&unknown.position, Position::Between { lower: ..=121, upper: 121.., why }
            if unknown.depends_on_version && !why.is_empty()),
        "{unknown:?}"
    );
    let known = looked(room.path(), Servers::Only("v3.5.35".parse().unwrap()));
    assert_eq!(known.position, Position::At(121));
    assert_eq!((known.database, known.log), (Part::Fine, Part::Fine));
}
