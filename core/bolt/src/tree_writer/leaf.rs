use crate::Error;
use crate::page::{ELEMENT_LEN, HEADER_LEN, LEAF, MAX_COUNT, header};
use crate::page_writer::PageWriter;
use crate::{PageId, WriteAt};

/// The leaf being filled.
#[derive(Default)]
pub(super) struct Leaf {
    elements: Vec<Element>,
    /// Keys and values, one after the other as on the page.
    data: Vec<u8>,
    table: Vec<u8>,
}

struct Element {
    flags: u32,
    key_len: u32,
    value_len: u32,
}

impl Leaf {
    pub(super) fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The bytes of the page without its padding.
    pub(super) fn size(&self) -> usize {
        HEADER_LEN + self.elements.len() * ELEMENT_LEN + self.data.len()
    }

    /// Whether one more entry of `len` bytes leaves the leaf on a page.
    pub(super) fn has_room(&self, len: usize, page_size: usize) -> bool {
        self.size() + ELEMENT_LEN + len <= page_size && self.elements.len() < MAX_COUNT
    }

    /// Adds an entry; the caller has checked the lengths against bbolt's limits.
    pub(super) fn push(&mut self, flags: u32, key: &[u8], value: &[u8]) {
        self.elements.push(Element {
            flags,
            key_len: key.len() as u32,
            value_len: value.len() as u32,
        });
        self.data.extend_from_slice(key);
        self.data.extend_from_slice(value);
    }

    pub(super) fn first_key(&self) -> &[u8] {
        let len = self.elements.first().map_or(0, |first| first.key_len);
        self.data.get(..len as usize).unwrap_or_default()
    }

    pub(super) fn write<W: WriteAt>(&mut self, out: &mut PageWriter<W>) -> Result<PageId, Error> {
        self.fill_table();
        out.page(LEAF, self.count(), &self.table, &self.data)
    }

    pub(super) fn clear(&mut self) {
        self.elements.clear();
        self.data.clear();
    }

    /// The page as it stands inside the entry of an inline bucket: id 0, no padding.
    pub(super) fn inline_page(&mut self) -> Vec<u8> {
        self.fill_table();
        [
            &header(0, LEAF, self.count(), 0),
            &self.table[..],
            &self.data,
        ]
        .concat()
    }

    fn count(&self) -> u16 {
        // has_room keeps it below MAX_COUNT.
        u16::try_from(self.elements.len()).unwrap_or(u16::MAX)
    }

    /// Positions count from the element itself, so they depend on how many follow it.
    fn fill_table(&mut self) {
        self.table.clear();
        let mut from_table_end = 0;
        for (index, element) in self.elements.iter().enumerate() {
            let to_table_end = ((self.elements.len() - index) * ELEMENT_LEN) as u32;
            let mut field = [0; ELEMENT_LEN];
            field[..4].copy_from_slice(&element.flags.to_le_bytes());
            field[4..8].copy_from_slice(&(to_table_end + from_table_end).to_le_bytes());
            field[8..12].copy_from_slice(&element.key_len.to_le_bytes());
            field[12..].copy_from_slice(&element.value_len.to_le_bytes());
            self.table.extend_from_slice(&field);
            from_table_end += element.key_len + element.value_len;
        }
    }
}
