use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::*;
use crate::backups::zip_directory::END;

/// Where the sizes of an entry stand.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    Before,
    After,
}

/// An archive of one deflated entry, as Go's `archive/zip` writes it to a file or to a stream.
fn archive(name: &str, content: &[u8], told: Told) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(content).unwrap();
    let packed = packed.finish().unwrap();
    let mut crc = Crc::new();
    crc.update(content);
    let sizes = [crc.sum(), packed.len() as u32, content.len() as u32];
    let sizes = sizes.map(u32::to_le_bytes).concat();
    let (flags, before) = match told {
        Told::Before => (0_u8, sizes.clone()),
        Told::After => (8, vec![0; 12]),
    };
    let length = (name.len() as u16).to_le_bytes();
    // Version, flags, method, time and date.
    let about = [20, 0, flags, 0, 8, 0, 0, 0, 0, 0];
    let mut out = [&LOCAL.to_le_bytes()[..], &about, &before, &length, &[0; 2]].concat();
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&packed);
    if told == Told::After {
        out.extend_from_slice(&[&0x0807_4b50_u32.to_le_bytes()[..], &sizes].concat());
    }
    let begins = out.len() as u32;
    let entry = [
        &0x0201_4b50_u32.to_le_bytes()[..],
        &[20, 0],
        &about,
        &sizes,
        &length,
    ];
    out.extend_from_slice(&entry.concat());
    out.extend_from_slice(&[0; 16]);
    out.extend_from_slice(name.as_bytes());
    let directory = out.len() as u32 - begins;
    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(&[0, 0, 0, 0, 1, 0, 1, 0]);
    out.extend_from_slice(&[directory, begins].map(u32::to_le_bytes).concat());
    out.extend_from_slice(&[0; 2]);
    out
}

fn content() -> Vec<u8> {
    (0..9_000_u32)
        .flat_map(|number| (number / 3).to_le_bytes())
        .collect()
}

fn read(archive: &[u8]) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    ZipReader::new(archive).read_to_end(&mut content)?;
    Ok(content)
}

#[test]
fn the_one_file_is_read_wherever_its_sizes_stand() {
    for told in [Told::Before, Told::After] {
        let archive = archive("on-demand-node-1-1763802786", &content(), told);
        assert_eq!(read(&archive).unwrap(), content());
    }
    assert_eq!(read(&archive("empty", b"", Told::After)).unwrap(), b"");
}

/// An archive that was cut after its content was a whole snapshot.
#[test]
fn one_that_was_cut_anywhere_is_an_error() {
    for told in [Told::Before, Told::After] {
        let whole = archive("db", &content(), told);
        for length in (0..whole.len())
            .step_by(7)
            .chain(whole.len() - 90..whole.len())
        {
            let error = read(&whole[..length]).unwrap_err().to_string();
            assert!(error.contains("breaks off"), "{length}: {error}");
        }
    }
}

/// Whatever was changed: an error, or the same content.
#[test]
fn no_bit_that_is_flipped_changes_the_content() {
    for told in [Told::Before, Told::After] {
        let whole = archive("db", &content(), told);
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            if let Ok(found) = read(&flipped) {
                assert!(found == content(), "{at}");
            }
        }
    }
}

#[test]
fn a_second_file_or_a_name_that_leads_out_is_refused() {
    let one = archive("db", &content(), Told::After);
    let two = [&one[..one.len() - 22 - 48], &one].concat();
    let error = read(&two).unwrap_err().to_string();
    assert!(error.contains("more than one file"), "{error}");
    for name in ["../db", "a/../../db", "/db", "..\\db"] {
        let error = read(&archive(name, &content(), Told::Before)).unwrap_err();
        assert!(
            error.to_string().contains("outside of the archive"),
            "{error}"
        );
    }
    assert!(read(&archive("./a/db", &content(), Told::Before)).is_ok());
}

#[test]
fn an_encrypted_file_is_named() {
    let mut encrypted = archive("db", &content(), Told::Before);
    encrypted[6] |= 1;
    let error = read(&encrypted).unwrap_err().to_string();
    assert!(error.contains("\"db\" in it is encrypted"), "{error}");
}
