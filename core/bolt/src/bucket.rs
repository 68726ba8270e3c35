use crate::db::Db;
use crate::field::u64_at;
use crate::page::{BRANCH, BUCKET_ENTRY, HEADER_LEN, Header, Node, NodeKind};
use crate::tree_writer::Tree;
use crate::{BucketHeader, Cursor, Error, Fault, HexKey, ReadAt};

pub(crate) const BUCKET_HEADER_LEN: usize = 16;

/// A bucket: a map of keys to values in the order of the keys' bytes.
///
/// Small buckets may be kept inside their entry in the bucket above (`header.root` is 0), others
/// have a tree of pages. Both read alike.
pub struct Bucket<'a, R> {
    db: &'a Db<R>,
    header: BucketHeader,
    /// The leaf page kept inside the entry.
    inline: Option<Vec<u8>>,
}

impl<R: ReadAt> Db<R> {
    /// The bucket of this name, or `None`.
    pub fn bucket(&self, name: &[u8]) -> Result<Option<Bucket<'_, R>>, Error> {
        self.root().bucket(name)
    }

    /// The names of all buckets, ascending.
    pub fn bucket_names(&self) -> Result<Vec<Vec<u8>>, Error> {
        self.root().bucket_names()
    }

    /// The bucket whose entries are the named buckets.
    pub(crate) fn root(&self) -> Bucket<'_, R> {
        Bucket::paged(self, self.meta().root)
    }
}

impl<'a, R: ReadAt> Bucket<'a, R> {
    pub(crate) fn paged(db: &'a Db<R>, header: BucketHeader) -> Self {
        Bucket {
            db,
            header,
            inline: None,
        }
    }

    fn from_entry(db: &'a Db<R>, name: &[u8], entry: &[u8]) -> Result<Self, Fault> {
        let header = parse_entry(name, entry)?;
        let inline = if header.root == 0 {
            parse_inline(name, entry)?;
            Some(entry[BUCKET_HEADER_LEN..].to_vec())
        } else {
            None
        };
        Ok(Bucket { db, header, inline })
    }

    pub fn header(&self) -> BucketHeader {
        self.header
    }

    /// The value of a key. `None` for a key that is absent or is the name of a nested bucket.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut cursor = self.cursor();
        let found = cursor.seek_raw(key)?;
        Ok(found
            .filter(|entry| entry.key == key && !entry.is_bucket)
            .map(|entry| entry.value.to_vec()))
    }

    /// A cursor before the first entry. It reads on its own and outlives this handle.
    pub fn cursor(&self) -> Cursor<'a, R> {
        match &self.inline {
            Some(page) => Cursor::inline(self.db, page.clone()),
            None => Cursor::paged(self.db, self.header.root),
        }
    }

    /// The bucket nested in this one. etcd nests none.
    pub fn bucket(&self, name: &[u8]) -> Result<Option<Bucket<'a, R>>, Error> {
        let mut cursor = self.cursor();
        let Some(entry) = cursor.seek_raw(name)? else {
            return Ok(None);
        };
        if entry.key != name || !entry.is_bucket {
            return Ok(None);
        }
        let bucket = Bucket::from_entry(self.db, name, entry.value);
        bucket
            .map(Some)
            .map_err(|fault| self.db.corrupt(cursor.leaf_page(), fault))
    }

    /// The names of the buckets nested in this one, ascending.
    pub fn bucket_names(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut names = Vec::new();
        let mut cursor = self.cursor();
        while let Some(entry) = cursor.next_raw()? {
            if entry.is_bucket {
                names.push(entry.key.to_vec());
            }
        }
        Ok(names)
    }
}

/// The header at the start of a bucket's entry.
pub(crate) fn parse_entry(name: &[u8], entry: &[u8]) -> Result<BucketHeader, Fault> {
    let header = BucketHeader {
        root: u64_at(entry, 0),
        sequence: u64_at(entry, 8),
    };
    let fits = match header.root {
        0 => entry.len() >= BUCKET_HEADER_LEN + HEADER_LEN,
        _ => entry.len() == BUCKET_HEADER_LEN,
    };
    if !fits {
        return Err(Fault::BucketEntryLength {
            name: HexKey::from(name),
            len: entry.len(),
        });
    }
    Ok(header)
}

/// The entry of a bucket that a writer finished.
pub(crate) fn entry(tree: Tree, sequence: u64) -> Vec<u8> {
    let (root, page) = match tree {
        Tree::Inline(page) => (0, page),
        Tree::Root(root) => (root, Vec::new()),
    };
    [&root.to_le_bytes()[..], &sequence.to_le_bytes(), &page].concat()
}

/// Checks the leaf page kept inside a bucket's entry. bbolt inlines no bucket that holds another,
/// and gives the page no byte more than it needs.
pub(crate) fn parse_inline<'p>(name: &[u8], entry: &'p [u8]) -> Result<Node<'p>, Fault> {
    let page = entry.get(BUCKET_HEADER_LEN..).unwrap_or_default();
    let inside = |fault| Fault::Inline {
        name: HexKey::from(name),
        fault: Box::new(fault),
    };
    let header = Header::parse(page);
    if header.id != 0 || header.overflow != 0 {
        return Err(inside(Fault::WrongId { found: header.id }));
    }
    let node = Node::parse(page).map_err(inside)?;
    if node.kind() != NodeKind::Leaf {
        return Err(inside(Fault::WrongType {
            flags: BRANCH,
            expected: "leaf",
        }));
    }
    if let Some(index) = (0..node.len()).find(|&index| node.is_bucket(index)) {
        return Err(inside(Fault::ElementFlags {
            index,
            flags: BUCKET_ENTRY,
        }));
    }
    if node.size() != page.len() {
        return Err(Fault::BucketEntryLength {
            name: HexKey::from(name),
            len: entry.len(),
        });
    }
    node.check_order().map_err(inside)?;
    Ok(node)
}
