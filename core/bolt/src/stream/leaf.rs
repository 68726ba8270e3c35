use crate::Fault;
use crate::page::Node;

/// The entries of one leaf page, each of which lies inside it, in the order of their keys.
#[derive(Clone, Copy)]
pub struct Leaf<'a>(Node<'a>);

impl<'a> Leaf<'a> {
    /// Checks the order of the keys.
    pub(super) fn of(node: Node<'a>) -> Result<Self, Fault> {
        node.check_order().map(|()| Self(node))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Key and value of an entry; nothing of one that is not there.
    pub fn entry(&self, index: usize) -> (&'a [u8], &'a [u8]) {
        match index < self.len() {
            true => self.0.entry(index),
            false => (&[], &[]),
        }
    }

    /// All of them, ascending.
    pub fn entries(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        (0..self.len()).map(move |index| self.0.entry(index))
    }

    /// Whether the entry is the name of a bucket.
    pub fn is_bucket(&self, index: usize) -> bool {
        index < self.len() && self.0.is_bucket(index)
    }

    /// CRC-32C over keys and values as they follow each other, and how many bytes that are.
    pub fn crc32c(self) -> (u32, u64) {
        self.entries().fold((0, 0), |(crc, bytes), (key, value)| {
            let crc = crc32c::crc32c_append(crc32c::crc32c_append(crc, key), value);
            (crc, bytes + (key.len() + value.len()) as u64)
        })
    }
}

/// The leaf page that is kept inside a bucket's entry, or a copy of another.
#[derive(Clone, Debug)]
pub struct InlineLeaf(Vec<u8>);

impl InlineLeaf {
    /// A page that was parsed before.
    pub(super) fn copied(page: &[u8]) -> Self {
        Self(page.to_vec())
    }

    /// Its entries.
    pub fn leaf(&self) -> Result<Leaf<'_>, Fault> {
        Leaf::of(Node::parse(&self.0)?)
    }
}
