//! One pass over a database as it comes by, without a file to go back to: what stands in its trees is put
//! together at the end from what was noted of each page.
//!
//! A page is noted before it is known whether the database still uses it: what a tree of the newest
//! transaction does not reach may be of the past, torn, or written since. So nothing that a page holds is an
//! error of the pass. What the walk at the end does not understand is [`Unclear`], and says nothing about the
//! database but that: whether it is damaged is for [`check`](crate::check) to find out.
//!
//! Memory: 13 bytes a page, 4 for each child of a branch (at most two a page), what the [`Visitor`] keeps, and the
//! longest page with its overflow.

mod crc;
mod facts;
mod index;
mod leaf;
mod pass;
mod unclear;

pub use index::{BucketAt, Index, Tree};
pub use leaf::{InlineLeaf, Leaf};
pub use pass::{Pass, Visitor};
pub use unclear::Unclear;
