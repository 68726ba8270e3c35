//! The first bytes of a record, as etcd writes them (walpb/record.pb.go): type, checksum and, but
//! in a crc record, the data with its length before it. They say again how long the record is.

use super::record::{Data, data_of};

const TYPE: u8 = 0x08;
const CHECKSUM: u8 = 0x10;
const DATA: u8 = 0x1a;

/// The longest header, in bytes: four bytes, a checksum of five and a length of ten.
pub(super) const LONGEST: usize = 19;

/// What the first bytes of a record say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// The record is so long, in bytes.
    Of { len: u64 },
    /// There are too few bytes to tell.
    Begun,
    /// Nothing that etcd writes begins like that.
    Foreign,
}

/// Reads the header of the record that begins with `bytes`.
pub(super) fn header(bytes: &[u8]) -> Header {
    let mut at = 0;
    match read(bytes, &mut at) {
        Ok(len) => Header::Of { len },
        Err(Stop::Short) => Header::Begun,
        Err(Stop::Other) => Header::Foreign,
    }
}

enum Stop {
    Short,
    Other,
}

fn read(bytes: &[u8], at: &mut usize) -> Result<u64, Stop> {
    expect(TYPE, bytes, at)?;
    let record_type = varint(bytes, at)?;
    let record_type = i64::try_from(record_type).map_err(|_| Stop::Other)?;
    let data = data_of(record_type).ok_or(Stop::Other)?;
    expect(CHECKSUM, bytes, at)?;
    if varint(bytes, at)? > u64::from(u32::MAX) {
        return Err(Stop::Other);
    }
    if data == Data::Absent {
        return Ok(*at as u64);
    }
    expect(DATA, bytes, at)?;
    let data = varint(bytes, at)?;
    data.checked_add(*at as u64).ok_or(Stop::Other)
}

fn expect(wanted: u8, bytes: &[u8], at: &mut usize) -> Result<(), Stop> {
    let found = bytes.get(*at).ok_or(Stop::Short)?;
    *at += 1;
    (*found == wanted).then_some(()).ok_or(Stop::Other)
}

fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, Stop> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at).ok_or(Stop::Short)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Stop::Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wal::record::{CRC, ENTRY, RawRecord};
    use prost::Message;

    #[test]
    fn it_says_how_long_the_record_is() {
        for (record_type, data) in [
            (CRC, None),
            (ENTRY, Some(vec![7; 300])),
            (ENTRY, Some(vec![])),
        ] {
            let record = RawRecord {
                record_type,
                crc: u32::MAX,
                data,
            }
            .encode_to_vec();
            let len = record.len() as u64;
            assert_eq!(header(&record), Header::Of { len });
            assert_eq!(header(&record[..5]), Header::Begun);
            assert_eq!(header(&record[1..]), Header::Foreign);
        }
        assert_eq!(header(&[]), Header::Begun);
        assert_eq!(header(&[0; 40]), Header::Foreign);
    }
}
