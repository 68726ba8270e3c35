//! Protobuf's wire format, for the messages that are too hot for a derive.
//!
//! Stricter than gogo's decoder where etcd never writes the difference: a varint that does
//! not fit 64 bits and a group are refused instead of cut or skipped.

use crate::Malformed;

/// The value of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64,
    Bytes(&'a [u8]),
    Fixed32,
}

/// The fields of a message, in the order of its bytes.
pub(crate) struct Fields<'a> {
    what: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, bytes, at: 0 }
    }

    /// Position of the next field.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// The next field's number and value, or `None` at the end of the message.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Malformed> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let start = self.at;
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || tag > u64::from(u32::MAX) {
            return Err(self.malformed("field number out of range", start));
        }
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed64)?,
            2 => {
                let len = self.varint()?;
                Value::Bytes(self.take(len)?)
            }
            5 => self.take(4).map(|_| Value::Fixed32)?,
            _ => return Err(self.malformed("unknown wire type", start)),
        };
        Ok(Some((number, value)))
    }

    pub(crate) fn malformed(&self, why: &'static str, offset: usize) -> Malformed {
        Malformed {
            what: self.what,
            why,
            offset,
        }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(self.malformed("ends inside a varint", start));
            };
            self.at += 1;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.malformed("varint over 64 bits", start))
    }

    #[inline]
    fn take(&mut self, len: u64) -> Result<&'a [u8], Malformed> {
        let rest = &self.bytes[self.at..];
        match usize::try_from(len).ok().and_then(|len| rest.get(..len)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => Err(self.malformed("field longer than the message", self.at)),
        }
    }
}

/// Appends a varint field, or nothing when it is zero: proto3 omits zeros.
#[inline]
pub(crate) fn put_varint_field(out: &mut Vec<u8>, number: u8, value: u64) {
    if value != 0 {
        out.push(number << 3);
        put_varint(out, value);
    }
}

/// Appends a bytes field, or nothing when it is empty.
#[inline]
pub(crate) fn put_bytes_field(out: &mut Vec<u8>, number: u8, value: &[u8]) {
    if !value.is_empty() {
        out.push(number << 3 | 2);
        put_varint(out, value.len() as u64);
        out.extend_from_slice(value);
    }
}

#[inline]
fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_come_back(value in any::<u64>()) {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            prop_assert_eq!(prost::encoding::encoded_len_varint(value), out.len());
            let mut fields = Fields::new("varint", &out);
            prop_assert_eq!(fields.varint().unwrap(), value);
        }

        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let mut fields = Fields::new("noise", &bytes);
            while let Ok(Some(_)) = fields.next() {}
        }
    }

    #[test]
    fn field_numbers_have_29_bits() {
        for tag in [
            &[0x02, 0][..],
            &[0xa9, 0x80, 0x80, 0x80, 0x10, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(Fields::new("x", tag).next().unwrap_err().offset, 0);
        }
    }

    #[test]
    fn a_varint_over_64_bits_is_refused() {
        let bytes = [8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2];
        assert_eq!(Fields::new("x", &bytes).next().unwrap_err().offset, 1);
    }
}
