//! Requests, by the kinds that price lists of stores tell apart.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// How many requests of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Requests {
    /// An object, or a part of one.
    pub(crate) put: u64,
    /// The begin of an upload in parts, and its end.
    pub(crate) post: u64,
    /// A page of a listing.
    pub(crate) list: u64,
    /// An object, or a part of one.
    pub(crate) get: u64,
    /// Whether an object is there, and how long it is.
    pub(crate) head: u64,
    /// An object.
    pub(crate) delete: u64,
}

impl Requests {
    /// The same, so often.
    pub(crate) fn times(self, count: u64) -> Self {
        Self {
            put: self.put * count,
            post: self.post * count,
            list: self.list * count,
            get: self.get * count,
            head: self.head * count,
            delete: self.delete * count,
        }
    }
}

impl Add for Requests {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            put: self.put + other.put,
            post: self.post + other.post,
            list: self.list + other.list,
            get: self.get + other.get,
            head: self.head + other.head,
            delete: self.delete + other.delete,
        }
    }
}

impl AddAssign for Requests {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Requests {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}
