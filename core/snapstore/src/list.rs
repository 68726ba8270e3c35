use crate::ObjectMeta;

/// Where a listing goes on. Opaque; valid for the same store and the same prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken(pub String);

/// Which objects to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// Only keys that begin with this, byte by byte. End it with `/`: without one, the prefix of
    /// a sibling (`etcd-2/` beside `etcd`) would match too.
    pub prefix: String,
    /// Which of a key's versions are listed.
    pub versions: Versions,
    /// Where to go on; `None` from the beginning.
    pub page: Option<PageToken>,
}

/// Which of a key's versions a listing shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Versions {
    /// One entry a key: the current version. Keys whose current version is a delete marker are
    /// not listed.
    #[default]
    Current,
    /// Every version and delete marker. `Unsupported` without [`crate::Capabilities::versions`].
    All,
}

impl ListRequest {
    /// The current version of every object whose key begins with `prefix`.
    pub fn under(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            ..Self::default()
        }
    }
}

/// One page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The objects, in no promised order. May be empty although `next` is set.
    pub objects: Vec<ObjectMeta>,
    /// Where to go on; `None` when this was the last page.
    pub next: Option<PageToken>,
}
