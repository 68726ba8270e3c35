//! What stands before and after a file in a zip archive.

use std::io::{self, BufRead, Read};
use std::path::{Component, Path};

/// Before a file (APPNOTE.TXT 4.3.7).
pub(super) const LOCAL: u32 = 0x0403_4b50;
/// After a file whose sizes were not known before; it may be left out (4.3.9).
const DESCRIPTOR: u32 = 0x0807_4b50;

/// Flags of a file (4.4.4): it is encrypted; its sizes and checksum stand after it.
const ENCRYPTED: u16 = 1;
const TOLD_AFTER: u16 = 1 << 3;

/// Sizes that stand in the field for zip64 instead (4.5.3), and its id.
const IN_ZIP64: u32 = u32::MAX;
const ZIP64: u16 = 1;

/// What an archive says of the content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// CRC-32 of what it unpacks to.
    pub(super) crc: u32,
    /// In bytes.
    pub(super) packed: u64,
    /// In bytes.
    pub(super) unpacked: u64,
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Deflate,
    /// Not at all: so many bytes.
    AsIs(u64),
}

/// What stands before a file.
#[derive(Debug)]
pub(super) struct LocalHeader {
    name: Vec<u8>,
    pub(super) packing: Packing,
    /// `None` where it is told after the content.
    pub(super) told: Option<Written>,
}

impl LocalHeader {
    /// Reads it after its signature.
    ///
    /// Errors: `InvalidData` where it is of no file that is read here, or climbs out of where an archive is unpacked.
    pub(super) fn read(source: &mut impl Read) -> io::Result<Self> {
        let fixed: [u8; 26] = exactly(source)?;
        let flags = u16_at(&fixed, 2);
        let name = bytes(source, u16_at(&fixed, 22))?;
        let extra = bytes(source, u16_at(&fixed, 24))?;
        let shown = String::from_utf8_lossy(&name).into_owned();
        if climbs_out(&name) {
            return Err(damaged(&format!(
                "it holds {shown:?}, which names a place outside of the archive: no program that takes snapshots writes that"
            )));
        }
        if flags & ENCRYPTED != 0 {
            return Err(damaged(&format!(
                "{shown:?} in it is encrypted: unpack it first"
            )));
        }
        let mut sizes = [u32_at(&fixed, 14), u32_at(&fixed, 18)].map(u64::from);
        if sizes.contains(&u64::from(IN_ZIP64)) {
            // There the size of the content stands first.
            let [unpacked, packed] =
                zip64_sizes(&extra).ok_or_else(|| damaged("it tells no sizes"))?;
            sizes = [packed, unpacked];
        }
        let [packed, unpacked] = sizes;
        let told = (flags & TOLD_AFTER == 0).then_some(Written {
            crc: u32_at(&fixed, 10),
            packed,
            unpacked,
        });
        let packing = match (u16_at(&fixed, 4), told) {
            (8, _) => Packing::Deflate,
            (0, Some(told)) => Packing::AsIs(told.packed),
            (method, _) => {
                return Err(damaged(&format!(
                    "{shown:?} in it is packed by method {method}, which is not read here: unpack it first"
                )));
            }
        };
        Ok(Self {
            name,
            packing,
            told,
        })
    }

    /// How long the content of a directory is, if it is the entry of one: some pack nothing into two bytes.
    pub(super) fn of_directory(&self) -> Option<u64> {
        let is_empty = self.told.is_some_and(|told| told.unpacked == 0);
        let is_directory = self.name.ends_with(b"/") && is_empty;
        self.told.filter(|_| is_directory).map(|told| told.packed)
    }
}

/// What is told after the content, whose sizes have four bytes each, or eight: nothing says which (4.3.9.2), so what was
/// `found` does.
pub(super) fn descriptor(source: &mut impl Read, found: Written) -> io::Result<Written> {
    let first = signature(source)?;
    let crc = match first {
        DESCRIPTOR => signature(source)?,
        crc => crc,
    };
    let short: [u8; 8] = exactly(source)?;
    let sizes = [u32_at(&short, 0), u32_at(&short, 4)].map(u64::from);
    let [packed, unpacked] = match sizes == [found.packed, found.unpacked] {
        true => sizes,
        false => {
            let rest: [u8; 8] = exactly(source)?;
            [u64_at(&short, 0), u64_at(&rest, 0)]
        }
    };
    Ok(Written {
        crc,
        packed,
        unpacked,
    })
}

/// The next four bytes.
pub(super) fn signature(source: &mut impl Read) -> io::Result<u32> {
    Ok(u32::from_le_bytes(exactly(source)?))
}

/// Passes over so many bytes.
pub(super) fn skip(source: &mut impl BufRead, length: u64) -> io::Result<()> {
    let passed = io::copy(&mut source.take(length), &mut io::sink())?;
    match passed == length {
        true => Ok(()),
        false => Err(broken_off()),
    }
}

pub(super) fn exactly<const N: usize>(source: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes).map_err(ended)?;
    Ok(bytes)
}

pub(super) fn bytes(source: &mut impl Read, length: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    source.read_exact(&mut bytes).map_err(ended)?;
    Ok(bytes)
}

/// What it means that the bytes end; what a store says of them passes as it is.
fn ended(error: io::Error) -> io::Error {
    match error.kind() == io::ErrorKind::UnexpectedEof && error.get_ref().is_none() {
        true => broken_off(),
        false => error,
    }
}

pub(super) fn broken_off() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "it breaks off in its middle: copy it anew",
    )
}

pub(super) fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn zip64_sizes(extra: &[u8]) -> Option<[u64; 2]> {
    let mut rest = extra;
    while let Some((head, after)) = rest.split_at_checked(4) {
        let (field, next) = after.split_at_checked(usize::from(u16_at(head, 2)))?;
        if u16_at(head, 0) == ZIP64 {
            return (field.len() >= 16).then(|| [u64_at(field, 0), u64_at(field, 8)]);
        }
        rest = next;
    }
    None
}

/// Nothing is ever written by this name. Who made such an archive meant to.
fn climbs_out(name: &[u8]) -> bool {
    let text = String::from_utf8_lossy(name).replace('\\', "/");
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    !Path::new(&text).components().all(inside)
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let mut two = [0; 2];
    two.copy_from_slice(&bytes[at..at + 2]);
    u16::from_le_bytes(two)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(four)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
