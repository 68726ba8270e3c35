//! Copies that a service makes by itself, of an object that another of its stores holds.

use crate::{Location, ObjectMeta};

/// The object of which a copy is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The store that holds it, of the same [`Capabilities::service`](crate::Capabilities::service).
    pub location: Location,
    /// What that store says of it. What has another etag by now is another object, and is not copied.
    pub object: ObjectMeta,
}

/// What a service has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The new object.
    pub meta: ObjectMeta,
    /// What the service says of its content.
    pub content: SameContent,
}

/// How it is known that a copy has the bytes of its original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameContent {
    /// The service keeps a checksum of the content of each, made by itself of what it holds, and both are one.
    ByChecksum,
    /// It says that it has copied all of it, and no more. Who has to be sure reads it.
    Unknown,
}

impl SameContent {
    /// By two checksums of one kind. Where one of them is missing nothing is known, and where they differ whoever reads
    /// the copy finds out.
    pub fn of<T: PartialEq>(original: Option<T>, copy: Option<T>) -> Self {
        match (original, copy) {
            (Some(original), Some(copy)) if original == copy => Self::ByChecksum,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SameContent;

    #[test]
    fn only_two_checksums_that_are_one_tell() {
        assert_eq!(SameContent::of(Some(1), Some(1)), SameContent::ByChecksum);
        for (one, other) in [(Some(1), Some(2)), (None, Some(1)), (None, None)] {
            assert_eq!(SameContent::of(one, other), SameContent::Unknown);
        }
    }
}
