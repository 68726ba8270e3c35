//! Is every page where it should be, and is all of it reachable exactly once?
//!
//! What `bbolt check` asks (bbolt 1.3.12 `tx_check.go`, 1.4.3 the same), and what it lacks: that
//! elements lie inside their page, that no path is a cycle, that a root entry is a bucket.

mod page_set;
mod report;
mod tree;
mod visitor;

use page_set::PageSet;
pub use report::{Finding, Report};
use tree::Walk;
use visitor::NoVisitor;
pub use visitor::Visitor;

use crate::field::u64_at;
use crate::page::{FREELIST, HEADER_LEN, Header, META};
use crate::page_reader::PageReader;
use crate::{Db, Fault, PageId, ReadAt};

impl<R: ReadAt> Db<R> {
    /// Checks the whole database; see [`check`].
    pub fn check(&self) -> Report {
        check(self, &mut NoVisitor)
    }
}

/// Checks the whole database in one pass that reads every reachable page once.
///
/// Never fails: what cannot be read is a finding, and the pass goes on beside it. Needs two bits
/// of memory per page of the file, and the largest page.
pub fn check<R: ReadAt, V: Visitor + ?Sized>(db: &Db<R>, visitor: &mut V) -> Report {
    let mut report = Report::new(db.meta().page_size);
    check_meta_page(db, &mut report);
    let high_water = db.meta().high_water;
    let (Some(reached), Some(mut free)) = (PageSet::new(high_water), PageSet::new(high_water))
    else {
        report.add(0, None, Fault::TooManyPages { high_water });
        return report;
    };
    let mut walk = Walk::new(db, visitor, report, reached);
    walk.root();
    let (mut report, mut reached, skipped) = walk.into_parts();
    if let Some(page) = db.meta().freelist {
        read_freelist(db, page, &mut reached, &mut free, &mut report);
        compare(high_water, &reached, &free, skipped, &mut report);
    } else {
        report.free_pages = high_water - 2 - report.used_pages;
    }
    report
}

/// The checksum of a meta page leaves out the page header.
fn check_meta_page<R: ReadAt>(db: &Db<R>, report: &mut Report) {
    let page = db.meta_page();
    let mut bytes = [0; HEADER_LEN];
    let fault = match db.read(&mut bytes, db.offset(page)) {
        Err(error) => return report.add_error(page, None, error),
        Ok(()) => match Header::parse(&bytes) {
            Header { flags, .. } if flags != META => Some(Fault::WrongType {
                flags,
                expected: "meta",
            }),
            Header { id, .. } if id != page => Some(Fault::WrongId { found: id }),
            _ => None,
        },
    };
    if let Some(fault) = fault {
        report.add(page, None, fault);
    }
}

fn read_freelist<R: ReadAt>(
    db: &Db<R>,
    page: PageId,
    reached: &mut PageSet,
    free: &mut PageSet,
    report: &mut Report,
) {
    let mut reader = PageReader::new();
    let bytes = match reader.read(db, page) {
        Ok(bytes) => bytes,
        Err(error) => return report.add_error(page, None, error),
    };
    let header = Header::parse(bytes);
    for spanned in page..=page + u64::from(header.overflow) {
        report.used_pages += 1;
        if !reached.insert(spanned) {
            report.add(spanned, None, Fault::ReachedTwice);
        }
    }
    if header.flags != FREELIST {
        let fault = Fault::WrongType {
            flags: header.flags,
            expected: "freelist",
        };
        return report.add(page, None, fault);
    }
    // A count that does not fit its field is the first word of the list.
    let room = ((bytes.len() - HEADER_LEN) / 8) as u64;
    let (count, first) = match header.count {
        0xFFFF => (u64_at(bytes, HEADER_LEN).saturating_add(1), 1),
        count => (u64::from(count), 0),
    };
    if count > room {
        return report.add(page, None, Fault::FreelistTooLong { count, room });
    }
    let ids = bytes[HEADER_LEN..].chunks_exact(8).map(|id| u64_at(id, 0));
    let ids = ids.take(usize::try_from(count).unwrap_or(usize::MAX));
    let high_water = db.meta().high_water;
    for id in ids.skip(first) {
        report.free_pages += 1;
        if !(2..high_water).contains(&id) {
            report.add(page, None, Fault::FreeOutsideFile { id, high_water });
        } else if !free.insert(id) {
            report.add(id, None, Fault::FreeTwice);
        }
    }
}

fn compare(
    high_water: PageId,
    reached: &PageSet,
    free: &PageSet,
    skipped: bool,
    report: &mut Report,
) {
    for page in 2..high_water {
        match (reached.contains(page), free.contains(page)) {
            (true, true) => report.add(page, None, Fault::UsedAndFree),
            // Below a page that could not be read nothing was reached: those pages are not lost.
            (false, false) if !skipped => report.add(page, None, Fault::Lost),
            _ => {}
        }
    }
}
