use crate::{HexKey, PageId};

/// Why a pass cannot say what a database holds. The bytes may be as they should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unclear {
    /// Its first page does not say how it is laid out, or says what is not so.
    #[error("its first page is no meta page, or not that of a file of its length")]
    Meta,
    /// It has more pages than are counted here.
    #[error("it has more pages than one pass notes")]
    TooManyPages,
    /// So many pages claim the place of others that noting them all has no bound.
    #[error("too many of its pages claim the place of others")]
    TooManyClaims,
    /// Its branches have more children than it has room for.
    #[error("its branches have more than two children for each page, and more than 65,536")]
    TooManyChildren,
    /// The stream has not as many bytes as was said.
    #[error("{seen} bytes of {size} came by")]
    Length {
        /// Bytes that came.
        seen: u64,
        /// Bytes that were announced.
        size: u64,
    },
    /// The entry of a bucket is not one.
    #[error("the entry of bucket {0} is not that of a bucket")]
    Bucket(HexKey),
    /// The buckets are not on one leaf.
    #[error("the names of the buckets are not on one leaf, page {0}")]
    Root(PageId),
    /// A page of a tree was not understood when it came by.
    #[error("page {0} belongs to a tree, and was not understood as it came by")]
    Page(PageId),
    /// Two ways lead to a page.
    #[error("page {0} is reached twice")]
    Twice(PageId),
    /// The numbers of the leaves do not ascend.
    #[error("the keys of page {0} do not come after those before it")]
    NotAscending(PageId),
}
