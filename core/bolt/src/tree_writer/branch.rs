use crate::Error;
use crate::page::{BRANCH, ELEMENT_LEN, HEADER_LEN, MAX_COUNT};
use crate::page_writer::PageWriter;
use crate::{PageId, WriteAt};

/// bbolt writes no branch of fewer children.
const MIN_CHILDREN: usize = 2;

/// One level of branches: the children that are not on a written branch yet.
///
/// Two children more than a page holds are gathered before it is written, so that the last branch
/// of the level never gets a single child.
#[derive(Default)]
pub(super) struct Branches {
    children: Vec<Child>,
    keys: Vec<u8>,
    /// How many of the first children fit on one page.
    fitting: usize,
    fitting_size: usize,
    any_written: bool,
}

struct Child {
    key_len: u32,
    page: PageId,
}

/// A branch that was written: what the level above keeps of it.
pub(super) struct Written {
    pub(super) first_key: Vec<u8>,
    pub(super) page: PageId,
}

impl Branches {
    pub(super) fn push(&mut self, key: &[u8], page: PageId, page_size: usize) {
        self.children.push(Child {
            key_len: key.len() as u32,
            page,
        });
        self.keys.extend_from_slice(key);
        self.extend_fitting(page_size);
    }

    /// The root of the tree, when this level holds nothing else.
    pub(super) fn only_child(&self) -> Option<PageId> {
        match &self.children[..] {
            [child] if !self.any_written => Some(child.page),
            _ => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    /// Writes a branch when more children are gathered than it holds.
    pub(super) fn write_full<W: WriteAt>(
        &mut self,
        out: &mut PageWriter<W>,
    ) -> Result<Option<Written>, Error> {
        let full = self.full();
        if self.children.len() < full + MIN_CHILDREN {
            return Ok(None);
        }
        self.write(full, out).map(Some)
    }

    /// Writes the next of the last branches of the level; `None` when all are written.
    pub(super) fn write_rest<W: WriteAt>(
        &mut self,
        out: &mut PageWriter<W>,
    ) -> Result<Option<Written>, Error> {
        let full = self.full();
        let count = match self.children.len() {
            0 => return Ok(None),
            len if len <= full => len,
            // One too many: the last branch takes two. Keys so long that only two fit a page leave
            // none to give, and then three share one page with overflow.
            len if full > MIN_CHILDREN => len - MIN_CHILDREN,
            len => len,
        };
        self.write(count, out).map(Some)
    }

    fn full(&self) -> usize {
        self.fitting.max(MIN_CHILDREN)
    }

    fn extend_fitting(&mut self, page_size: usize) {
        while let Some(child) = self.children.get(self.fitting) {
            let size = self.fitting_size + ELEMENT_LEN + child.key_len as usize;
            if HEADER_LEN + size > page_size || self.fitting == MAX_COUNT {
                break;
            }
            self.fitting += 1;
            self.fitting_size = size;
        }
    }

    fn write<W: WriteAt>(
        &mut self,
        count: usize,
        out: &mut PageWriter<W>,
    ) -> Result<Written, Error> {
        let mut table = Vec::with_capacity(count * ELEMENT_LEN);
        let mut data_len = 0;
        for (index, child) in self.children[..count].iter().enumerate() {
            let pos = (count - index) * ELEMENT_LEN + data_len;
            table.extend_from_slice(&(pos as u32).to_le_bytes());
            table.extend_from_slice(&child.key_len.to_le_bytes());
            table.extend_from_slice(&child.page.to_le_bytes());
            data_len += child.key_len as usize;
        }
        let data = self.keys.get(..data_len).unwrap_or_default();
        let element_count = u16::try_from(count).unwrap_or(u16::MAX);
        let page = out.page(BRANCH, element_count, &table, data)?;
        let first_len = self.children.first().map_or(0, |child| child.key_len);
        let first_key = data[..first_len as usize].to_vec();
        self.children.drain(..count);
        self.keys.drain(..data_len);
        self.any_written = true;
        (self.fitting, self.fitting_size) = (0, 0);
        self.extend_fitting(out.page_size());
        Ok(Written { first_key, page })
    }
}
