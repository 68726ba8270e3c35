use std::fmt;

use crate::{Error, Fault, PageId};

/// More findings than this are counted, not kept.
const KEPT: usize = 100;

/// What [`check`](crate::check) found.
#[derive(Debug)]
pub struct Report {
    /// The first hundred things that are wrong, in the order they were met.
    pub findings: Vec<Finding>,
    /// How many more were met.
    pub more: u64,
    /// Pages of trees and of the freelist, overflow pages counted.
    pub used_pages: u64,
    /// Pages free for reuse: listed, or unreachable when the file keeps no list.
    pub free_pages: u64,
    /// Items of all buckets, nested ones too; bucket entries are not counted.
    pub items: u64,
    page_size: u32,
    io_failure: Option<Error>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub page: PageId,
    /// Of the page, in bytes from the start of the file.
    pub offset: u64,
    /// The top-level bucket the page belongs to, when there is one.
    pub bucket: Option<Vec<u8>>,
    pub fault: Fault,
}

impl Report {
    pub(super) fn new(page_size: u32) -> Report {
        Report {
            findings: Vec::new(),
            more: 0,
            used_pages: 0,
            free_pages: 0,
            items: 0,
            page_size,
            io_failure: None,
        }
    }

    /// Nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// The first page that the disk did not give, if there is one: then the findings may say nothing
    /// about the bytes of the file. An [`Error::Io`].
    pub fn take_io_failure(&mut self) -> Option<Error> {
        self.io_failure.take()
    }

    pub(super) fn add(&mut self, page: PageId, bucket: Option<&[u8]>, fault: Fault) {
        if self.findings.len() == KEPT {
            self.more += 1;
            return;
        }
        self.findings.push(Finding {
            page,
            offset: page.saturating_mul(u64::from(self.page_size)),
            bucket: bucket.map(<[u8]>::to_vec),
            fault,
        });
    }

    pub(super) fn add_error(&mut self, page: PageId, bucket: Option<&[u8]>, error: Error) {
        match error {
            Error::Corrupt { page, fault, .. } => self.add(page, bucket, fault),
            other => {
                self.add(page, bucket, Fault::Unreadable(other.to_string()));
                if matches!(other, Error::Io { .. }) {
                    self.io_failure.get_or_insert(other);
                }
            }
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} (offset {}", self.page, self.offset)?;
        if let Some(bucket) = &self.bucket {
            write!(f, ", bucket {}", bucket.escape_ascii())?;
        }
        write!(f, "): {}", self.fault)
    }
}

/// One finding a line, and a last line when there are more.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            return write!(
                f,
                "ok: {} items on {} pages, {} pages free",
                self.items, self.used_pages, self.free_pages
            );
        }
        for (index, finding) in self.findings.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}
