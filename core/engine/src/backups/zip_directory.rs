//! The directory at the end of a zip archive: what it holds, and that it was not cut.

use std::io::{self, BufRead};

use super::zip_header::{
    LOCAL, LocalHeader, Written, bytes, damaged, exactly, signature, skip, u16_at, u32_at, u64_at,
};

/// A line of the directory (APPNOTE.TXT 4.3.12).
const ENTRY: u32 = 0x0201_4b50;
/// The end of the directory as zip64 has it, and where that is (4.3.14, 4.3.15).
const END_OF_ZIP64: u32 = 0x0606_4b50;
const LOCATOR: u32 = 0x0706_4b50;
/// The end of the archive (4.3.16).
pub(super) const END: u32 = 0x0605_4b50;

/// What the end of zip64 may have: its fields, and no more data than a header.
const LONGEST_END: u64 = 1 << 16;

/// Reads what follows on the one file, which was `found` so, to the end of the archive.
pub(super) fn read_to_end(source: &mut impl BufRead, found: Written) -> io::Result<()> {
    let mut files = 0_u32;
    loop {
        match signature(source)? {
            LOCAL if files == 0 => match LocalHeader::read(source)?.of_directory() {
                Some(length) => skip(source, length)?,
                None => return Err(two_files()),
            },
            ENTRY => files += u32::from(entry(source, found)?),
            END_OF_ZIP64 => {
                let length = u64_at(&exactly::<8>(source)?, 0);
                if length > LONGEST_END {
                    return Err(damaged("its directory is damaged"));
                }
                skip(source, length)?;
            }
            LOCATOR => skip(source, 16)?,
            END => return end(source, files),
            _ => return Err(damaged("its directory is damaged")),
        }
        if files > 1 {
            return Err(two_files());
        }
    }
}

fn two_files() -> io::Error {
    damaged("it holds more than one file: unpack it first, and name the snapshot")
}

/// Whether it is of a file, which must be the one that was `found`.
fn entry(source: &mut impl BufRead, found: Written) -> io::Result<bool> {
    let fixed: [u8; 42] = exactly(source)?;
    let name = bytes(source, u16_at(&fixed, 24))?;
    skip(
        source,
        u64::from(u16_at(&fixed, 26)) + u64::from(u16_at(&fixed, 28)),
    )?;
    let is_file = !name.ends_with(b"/");
    match is_file && u32_at(&fixed, 12) != found.crc {
        true => Err(damaged("its directory is of another content")),
        false => Ok(is_file),
    }
}

fn end(source: &mut impl BufRead, files: u32) -> io::Result<()> {
    let fixed: [u8; 18] = exactly(source)?;
    skip(source, u64::from(u16_at(&fixed, 16)))?;
    match (files, source.fill_buf()?.is_empty()) {
        (1, true) => Ok(()),
        (1, false) => Err(damaged("trailing data after the zip archive")),
        _ => Err(damaged("its directory names no file")),
    }
}
