use std::fmt;

use crate::file_name;

const SUFFIX: &str = ".wal";

/// The name of one file of the log. Ordered as the files follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SegmentName {
    /// Counts the files of the log, from 0, without a gap.
    pub sequence: u64,
    /// Index that the file's first entry has at least; 0 for the first file.
    pub first_index: u64,
}

impl SegmentName {
    /// Parses a file name, or `None` when etcd would not have printed it.
    pub fn parse(name: &str) -> Option<Self> {
        let (sequence, first_index) = file_name::parse(name, SUFFIX)?;
        Some(Self {
            sequence,
            first_index,
        })
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&file_name::format(self.sequence, self.first_index, SUFFIX))
    }
}
