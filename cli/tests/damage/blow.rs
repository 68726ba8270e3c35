use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use etcd::data_dir::DB;

use super::Part;
use super::ground::RESTORED;

/// What is done to a part, or to the whole file it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// One bit is flipped.
    Flip,
    /// The file ends in the middle of the part.
    Truncate,
    /// The part is all zeros.
    Zero,
    /// The part changes places with another of its kind.
    Swap,
    /// The file is gone.
    Missing,
    /// The file is another user's, and nobody else's to read.
    WrongOwner,
    /// The file is empty.
    ZeroLength,
    /// In its place is the database of a restore, see `Ground::restore`.
    OfARestore,
}

impl Blow {
    /// Those that fall on a part.
    pub(crate) const ON_PARTS: [Self; 4] = [Self::Flip, Self::Truncate, Self::Zero, Self::Swap];
    /// Those that fall on a word of a frame: two words may be alike.
    pub(crate) const ON_WORDS: [Self; 3] = [Self::Flip, Self::Truncate, Self::Zero];
    /// Those that fall on a file.
    pub(crate) const ON_FILES: [Self; 3] = [Self::Missing, Self::WrongOwner, Self::ZeroLength];

    /// As the table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Flip => "flip",
            Self::Truncate => "truncate",
            Self::Zero => "zero",
            Self::Swap => "swap",
            Self::Missing => "missing",
            Self::WrongOwner => "wrong owner",
            Self::ZeroLength => "zero length",
            Self::OfARestore => "of a restore",
        }
    }
}

/// Does it, in the data directory `dir`.
pub(crate) fn strike(dir: &Path, part: &Part, blow: Blow) {
    let path = dir.join(&part.file);
    let mut bytes = fs::read(&path).unwrap();
    match blow {
        Blow::Flip => bytes[part.bytes.start + part.flipped] ^= 1,
        Blow::Truncate => bytes.truncate(part.bytes.start + part.bytes.len() / 2),
        Blow::Zero => bytes[part.bytes.clone()].fill(0),
        Blow::Swap => return swap(dir, part),
        Blow::Missing => return fs::remove_file(path).unwrap(),
        Blow::WrongOwner => {
            if rustix::process::geteuid().is_root() {
                chown(&path, Some(0), Some(0)).unwrap();
                return fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
            }
            // Whoever is not root cannot give a file away; not to be allowed is the same.
            return fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
        }
        Blow::ZeroLength => bytes.clear(),
        Blow::OfARestore => bytes = fs::read(dir.join("../..").join(RESTORED).join(DB)).unwrap(),
    }
    fs::write(path, bytes).unwrap();
}

fn swap(dir: &Path, part: &Part) {
    let (other, there) = &part.other;
    let (path, other) = (dir.join(&part.file), dir.join(other));
    if path != other {
        let waiting = path.with_extension("waiting");
        fs::rename(&path, &waiting).unwrap();
        fs::rename(&other, &path).unwrap();
        return fs::rename(waiting, other).unwrap();
    }
    let mut bytes = fs::read(&path).unwrap();
    // Entries may differ in length: what lies between the two moves.
    let (first, second) = match part.bytes.start < there.start {
        true => (part.bytes.clone(), there.clone()),
        false => (there.clone(), part.bytes.clone()),
    };
    let swapped = [
        &bytes[second.clone()],
        &bytes[first.end..second.start],
        &bytes[first.clone()],
    ]
    .concat();
    bytes.splice(first.start..second.end, swapped);
    fs::write(path, bytes).unwrap();
}
