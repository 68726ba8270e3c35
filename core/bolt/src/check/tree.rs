use super::page_set::PageSet;
use super::report::Report;
use super::visitor::Visitor;
use crate::bucket::{parse_entry, parse_inline};
use crate::cursor::MAX_DEPTH;
use crate::page::{Node, NodeKind};
use crate::page_reader::PageReader;
use crate::{Db, Error, Fault, PageId, ReadAt};

/// Levels of branches and of nested buckets together. The walk recurses, and this bounds its stack.
const MAX_RECURSION: usize = 4 * MAX_DEPTH;

/// The walk over all trees, and what it has gathered so far.
pub(super) struct Walk<'a, R, V: ?Sized> {
    db: &'a Db<R>,
    visitor: &'a mut V,
    report: Report,
    reached: PageSet,
    /// Some page could not be followed, so what lies below it was not reached.
    skipped: bool,
    branches: PageReader,
    leaves: PageReader,
}

/// Where in the forest the walk is.
#[derive(Clone, Copy)]
struct Place<'n> {
    /// The top-level bucket; `None` in the root.
    bucket: Option<&'n [u8]>,
    /// Buckets around this one, the root not counted.
    nesting: usize,
    /// Branches above in this tree, and in the trees around it.
    depth: usize,
    recursion: usize,
    /// The keys this page may hold, `[from, to)`.
    from: Option<&'n [u8]>,
    to: Option<&'n [u8]>,
}

impl<'a, R: ReadAt, V: Visitor + ?Sized> Walk<'a, R, V> {
    pub(super) fn new(
        db: &'a Db<R>,
        visitor: &'a mut V,
        report: Report,
        reached: PageSet,
    ) -> Walk<'a, R, V> {
        Walk {
            db,
            visitor,
            report,
            reached,
            skipped: false,
            branches: PageReader::new(),
            leaves: PageReader::new(),
        }
    }

    pub(super) fn into_parts(self) -> (Report, PageSet, bool) {
        (self.report, self.reached, self.skipped)
    }

    pub(super) fn root(&mut self) {
        let place = Place {
            bucket: None,
            nesting: 0,
            depth: 0,
            recursion: 0,
            from: None,
            to: None,
        };
        self.tree(self.db.meta().root.root, place);
    }

    fn tree(&mut self, root: PageId, place: Place<'_>) {
        let mut leaf_depth = 0;
        self.page(root, place, &mut leaf_depth);
    }

    fn page(&mut self, id: PageId, place: Place<'_>, leaf_depth: &mut usize) {
        if place.depth >= MAX_DEPTH || place.recursion >= MAX_RECURSION {
            return self.skip(id, place, Fault::TooDeep { limit: MAX_DEPTH });
        }
        // Leaves are read ahead; a branch read between them must not break their sequence.
        let reader = if place.depth < *leaf_depth {
            &mut self.branches
        } else {
            &mut self.leaves
        };
        // Pages are claimed before they are read: hostile pages may all claim the same long tail.
        let overflow = match reader.header(self.db, id) {
            Ok(header) => u64::from(header.overflow),
            Err(error) => return self.skip_error(id, place, error),
        };
        for page in id..=id + overflow {
            if !self.reached.insert(page) {
                return self.skip(page, place, Fault::ReachedTwice);
            }
            self.report.used_pages += 1;
        }
        let bytes = match reader.read(self.db, id) {
            Ok(bytes) => bytes,
            Err(error) => return self.skip_error(id, place, error),
        };
        let node = match Node::parse(bytes) {
            Ok(node) => node,
            Err(fault) => return self.skip(id, place, fault),
        };
        for fault in place_faults(&node, place) {
            self.report.add(id, place.bucket, fault);
        }
        if node.kind() == NodeKind::Branch {
            let branch = bytes.to_vec();
            return self.children(&branch, place, leaf_depth);
        }
        *leaf_depth = place.depth;
        match place.bucket {
            Some(bucket) if !(0..node.len()).any(|index| node.is_bucket(index)) => {
                show(self.visitor, bucket, place.nesting, &node);
                self.report.items += node.len() as u64;
            }
            _ => {
                let leaf = bytes.to_vec();
                self.buckets(id, &leaf, place);
            }
        }
    }

    fn children(&mut self, branch: &[u8], place: Place<'_>, leaf_depth: &mut usize) {
        let Ok(node) = Node::parsed_before(branch) else {
            return;
        };
        for index in 0..node.len() {
            let next = (index + 1 < node.len()).then(|| node.key(index + 1));
            let below = Place {
                depth: place.depth + 1,
                recursion: place.recursion + 1,
                from: Some(node.key(index)),
                to: next.or(place.to),
                ..place
            };
            self.page(node.child(index), below, leaf_depth);
        }
    }

    /// A leaf that holds buckets: the root's, or one that buckets are nested in.
    fn buckets(&mut self, id: PageId, leaf: &[u8], place: Place<'_>) {
        let Ok(node) = Node::parsed_before(leaf) else {
            return;
        };
        for index in 0..node.len() {
            let (key, value) = node.entry(index);
            match (place.bucket, node.is_bucket(index)) {
                (None, false) => self.report.add(id, None, Fault::NotABucket { index }),
                (None, true) => {
                    self.visitor.bucket(key);
                    self.bucket(id, key, key, value, place);
                }
                (Some(bucket), is_bucket) => {
                    if place.nesting == 1 {
                        let shown = if is_bucket { &[] } else { value };
                        self.visitor.item(bucket, key, shown);
                    }
                    if is_bucket {
                        self.bucket(id, bucket, key, value, place);
                    } else {
                        self.report.items += 1;
                    }
                }
            }
        }
    }

    fn bucket(&mut self, id: PageId, top: &[u8], name: &[u8], entry: &[u8], around: Place<'_>) {
        let place = Place {
            bucket: Some(top),
            nesting: around.nesting + 1,
            depth: 0,
            recursion: around.recursion + 1,
            from: None,
            to: None,
        };
        let header = match parse_entry(name, entry) {
            Ok(header) => header,
            Err(fault) => return self.skip(id, place, fault),
        };
        if header.root != 0 {
            return self.tree(header.root, place);
        }
        match parse_inline(name, entry) {
            Ok(node) => {
                show(self.visitor, top, place.nesting, &node);
                self.report.items += node.len() as u64;
            }
            Err(fault) => self.skip(id, place, fault),
        }
    }

    fn skip(&mut self, page: PageId, place: Place<'_>, fault: Fault) {
        self.skipped = true;
        self.report.add(page, place.bucket, fault);
    }

    fn skip_error(&mut self, page: PageId, place: Place<'_>, error: Error) {
        self.skipped = true;
        self.report.add_error(page, place.bucket, error);
    }
}

/// What is wrong with a page that can be read, in itself and where it stands.
fn place_faults(node: &Node<'_>, place: Place<'_>) -> impl Iterator<Item = Fault> {
    let empty = node.len() == 0 && (node.kind() == NodeKind::Branch || place.depth > 0);
    empty
        .then_some(Fault::NoElement)
        .into_iter()
        .chain(node.check_order().err())
        .chain(node.check_window(place.from, place.to).err())
}

fn show<V: Visitor + ?Sized>(visitor: &mut V, bucket: &[u8], nesting: usize, node: &Node<'_>) {
    if nesting != 1 {
        return;
    }
    for index in 0..node.len() {
        let (key, value) = node.entry(index);
        visitor.item(bucket, key, value);
    }
}
