//! One page of a tree: header, element table, keys and values.

use crate::field::{slice_at, u16_at, u32_at, u64_at};
use crate::{Fault, HexKey, PageId};

pub(crate) const HEADER_LEN: usize = 16;
pub(crate) const ELEMENT_LEN: usize = 16;
pub(crate) const BRANCH: u16 = 0x01;
pub(crate) const LEAF: u16 = 0x02;
pub(crate) const META: u16 = 0x04;
pub(crate) const FREELIST: u16 = 0x10;
/// Flag of a leaf element whose value is a bucket.
pub(crate) const BUCKET_ENTRY: u32 = 0x01;
pub(crate) const MAX_KEY_LEN: u32 = 32768;
pub(crate) const MAX_VALUE_LEN: usize = (1 << 31) - 2;
/// The most elements of a page: bbolt refuses to write 0xFFFF.
pub(crate) const MAX_COUNT: usize = 0xFFFE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) id: PageId,
    pub(crate) flags: u16,
    pub(crate) count: u16,
    /// Pages after this one that belong to it and have no header of their own.
    pub(crate) overflow: u32,
}

impl Header {
    pub(crate) fn parse(page: &[u8]) -> Header {
        Header {
            id: u64_at(page, 0),
            flags: u16_at(page, 8),
            count: u16_at(page, 10),
            overflow: u32_at(page, 12),
        }
    }
}

/// The header every page starts with.
pub(crate) fn header(id: PageId, flags: u16, count: u16, overflow: u32) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..8].copy_from_slice(&id.to_le_bytes());
    header[8..10].copy_from_slice(&flags.to_le_bytes());
    header[10..12].copy_from_slice(&count.to_le_bytes());
    header[12..].copy_from_slice(&overflow.to_le_bytes());
    header
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Branch,
    Leaf,
}

/// A branch or leaf page whose elements are known to lie inside it.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    bytes: &'a [u8],
    kind: NodeKind,
    len: usize,
}

impl<'a> Node<'a> {
    /// Checks the page alone: its type, and that every element lies inside the page and none
    /// overlap in size, so that reading all of them costs no more than the page.
    ///
    /// The order of the keys is left to [`check_order`](Node::check_order) and the place in the
    /// tree to [`check_window`](Node::check_window).
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Node<'a>, Fault> {
        let node = Node::parsed_before(bytes)?;
        let room = bytes.len().saturating_sub(HEADER_LEN);
        if node.len * ELEMENT_LEN > room {
            return Err(Fault::TooManyElements {
                count: node.len,
                room,
            });
        }
        let mut claimed = (node.len * ELEMENT_LEN) as u64;
        for index in 0..node.len {
            claimed += node.check_element(index)?;
        }
        if claimed > room as u64 {
            return Err(Fault::ElementsOverlap);
        }
        Ok(node)
    }

    /// The node of a page that went through [`parse`](Node::parse) before.
    pub(crate) fn parsed_before(bytes: &'a [u8]) -> Result<Node<'a>, Fault> {
        let header = Header::parse(bytes);
        let kind = match header.flags {
            BRANCH => NodeKind::Branch,
            LEAF => NodeKind::Leaf,
            flags => {
                return Err(Fault::WrongType {
                    flags,
                    expected: "branch or leaf",
                });
            }
        };
        Ok(Node {
            bytes,
            kind,
            len: usize::from(header.count),
        })
    }

    /// The bytes of key and value together.
    fn check_element(&self, index: usize) -> Result<u64, Fault> {
        let at = element_at(index);
        let (pos, key_len, value_len) = match self.kind {
            NodeKind::Branch => (u32_at(self.bytes, at), u32_at(self.bytes, at + 4), 0),
            NodeKind::Leaf => (
                u32_at(self.bytes, at + 4),
                u32_at(self.bytes, at + 8),
                u32_at(self.bytes, at + 12),
            ),
        };
        let claimed = u64::from(key_len) + u64::from(value_len);
        if at as u64 + u64::from(pos) + claimed > self.bytes.len() as u64 {
            return Err(Fault::ElementOutsidePage { index });
        }
        if !(1..=MAX_KEY_LEN).contains(&key_len) {
            return Err(Fault::KeyLength {
                index,
                len: key_len,
            });
        }
        let flags = self.flags(index);
        if flags & !BUCKET_ENTRY != 0 {
            return Err(Fault::ElementFlags { index, flags });
        }
        Ok(claimed)
    }

    pub(crate) fn check_order(&self) -> Result<(), Fault> {
        let mut before: &[u8] = &[];
        for index in 0..self.len {
            let key = self.key(index);
            if key <= before {
                return Err(Fault::NotAscending {
                    index,
                    key: key.into(),
                });
            }
            before = key;
        }
        Ok(())
    }

    /// Checks that the keys lie in `[from, to)`, what the branches above say this page holds.
    ///
    /// With [`check_order`](Node::check_order) on every page this also bounds a walk over hostile
    /// branches: a page reached twice would have to lie in two disjoint windows.
    pub(crate) fn check_window(&self, from: Option<&[u8]>, to: Option<&[u8]>) -> Result<(), Fault> {
        let Some(last) = self.len.checked_sub(1) else {
            return Ok(());
        };
        let (first_key, last_key) = (self.key(0), self.key(last));
        if from.is_some_and(|from| first_key < from) {
            return Err(Fault::BelowParentKey {
                key: HexKey::from(first_key),
            });
        }
        if to.is_some_and(|to| last_key >= to) {
            return Err(Fault::ReachesNextParentKey {
                key: HexKey::from(last_key),
            });
        }
        Ok(())
    }

    pub(crate) fn kind(&self) -> NodeKind {
        self.kind
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes of header, elements, keys and values.
    pub(crate) fn size(&self) -> usize {
        let data = (0..self.len).map(|index| match self.kind {
            NodeKind::Branch => self.key(index).len(),
            NodeKind::Leaf => {
                let (key, value) = self.entry(index);
                key.len() + value.len()
            }
        });
        element_at(self.len) + data.sum::<usize>()
    }

    pub(crate) fn key(&self, index: usize) -> &'a [u8] {
        let at = element_at(index);
        let field = match self.kind {
            NodeKind::Branch => at,
            NodeKind::Leaf => at + 4,
        };
        let pos = u32_at(self.bytes, field) as usize;
        let len = u32_at(self.bytes, field + 4) as usize;
        slice_at(self.bytes, at.saturating_add(pos), len)
    }

    /// Key and value of a leaf element.
    pub(crate) fn entry(&self, index: usize) -> (&'a [u8], &'a [u8]) {
        let at = element_at(index);
        let start = at.saturating_add(u32_at(self.bytes, at + 4) as usize);
        let key_len = u32_at(self.bytes, at + 8) as usize;
        let value_len = u32_at(self.bytes, at + 12) as usize;
        (
            slice_at(self.bytes, start, key_len),
            slice_at(self.bytes, start.saturating_add(key_len), value_len),
        )
    }

    /// The page below a branch element.
    pub(crate) fn child(&self, index: usize) -> PageId {
        u64_at(self.bytes, element_at(index) + 8)
    }

    /// Whether a leaf element is a bucket.
    pub(crate) fn is_bucket(&self, index: usize) -> bool {
        self.flags(index) & BUCKET_ENTRY != 0
    }

    fn flags(&self, index: usize) -> u32 {
        match self.kind {
            NodeKind::Branch => 0,
            NodeKind::Leaf => u32_at(self.bytes, element_at(index)),
        }
    }

    /// The first element whose key is `key` or comes after it.
    pub(crate) fn lower_bound(&self, key: &[u8]) -> usize {
        self.partition(|candidate| candidate < key)
    }

    /// The branch element whose child may hold `key`.
    pub(crate) fn child_for(&self, key: &[u8]) -> usize {
        self.partition(|candidate| candidate <= key)
            .saturating_sub(1)
    }

    fn partition(&self, before: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if before(self.key(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

fn element_at(index: usize) -> usize {
    HEADER_LEN + index * ELEMENT_LEN
}
