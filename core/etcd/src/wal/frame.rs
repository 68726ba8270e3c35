//! The length word before each record, little-endian: the record's length in the low 56
//! bits and, when the top bit is set, the count of padding bytes in the three bits above.

/// A disk writes a sector whole or not at all.
pub(super) const SECTOR: u64 = 512;

/// Length of the word itself, in bytes.
pub(super) const WORD_LEN: usize = 8;

const LEN_BITS: u32 = 56;
const PADDED: u64 = 1 << 63;

/// How long a record and the padding after it are, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) record: u64,
    pub(super) padding: u64,
}

impl Frame {
    /// The frame of a record that is padded to whole words.
    pub(super) fn of(record: &[u8]) -> Self {
        let record = record.len() as u64;
        Self {
            record,
            padding: record.wrapping_neg() % 8,
        }
    }

    pub(super) fn to_word(self) -> [u8; WORD_LEN] {
        let padding = match self.padding {
            0 => 0,
            padding => PADDED | padding << LEN_BITS,
        };
        (padding | self.record).to_le_bytes()
    }

    /// The frame a word announces, or `None` for the zero word that ends a file's data.
    pub(super) fn parse(word: [u8; WORD_LEN]) -> Option<Self> {
        let word = u64::from_le_bytes(word);
        let padding = if word & PADDED == 0 {
            0
        } else {
            word >> LEN_BITS & 7
        };
        (word != 0).then_some(Self {
            record: word & ((1 << LEN_BITS) - 1),
            padding,
        })
    }

    /// Whether it ends at a whole word and is padded no further than that, as etcd pads
    /// (encoder.go, `encodeFrameSize`).
    pub(super) fn is_whole_words(self) -> bool {
        self.padding == self.record.wrapping_neg() % 8
    }

    /// Bytes after the word.
    pub(super) fn len(self) -> u64 {
        self.record + self.padding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_etcds() {
        assert_eq!(Frame::of(&[1; 4]).to_word(), [4, 0, 0, 0, 0, 0, 0, 0x84]);
        assert_eq!(Frame::of(&[1; 0x20]).to_word(), [0x20, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(Frame::parse([0; 8]), None);
    }

    #[test]
    fn every_length_comes_back() {
        let bytes = [0; 40];
        for len in 1..bytes.len() {
            let frame = Frame::of(&bytes[..len]);
            assert_eq!(frame.len() % 8, 0);
            assert_eq!(Frame::parse(frame.to_word()), Some(frame));
        }
    }
}
