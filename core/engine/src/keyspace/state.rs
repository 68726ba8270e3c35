use std::sync::Arc;

use client::{Etcd, KeyValue as Item};

use super::error::Result;
use super::kept::{self, Kept};
use super::live::{self, AtRevision};
use super::origin::Origin;

/// A state, whose keys can be read in order.
pub struct State {
    /// Where it was read.
    pub origin: Origin,
    pub(super) content: Content,
}

pub(super) enum Content {
    Kept(Kept),
    Live(AtRevision),
}

impl State {
    /// The member that its keys are read from; none of backups.
    pub(crate) fn member(&self) -> Option<Arc<dyn Etcd>> {
        match &self.content {
            Content::Kept(_) => None,
            Content::Live(at) => Some(at.member().clone()),
        }
    }

    /// Its keys, each as it is in it. Not in a task of the runtime: this waits for answers.
    pub(crate) fn items(&self) -> impl Iterator<Item = Result<Item>> {
        match &self.content {
            Content::Kept(kept) => Items::Kept(kept.items()),
            Content::Live(at) => Items::Live(at.items()),
        }
    }
}

/// Keys, in their order.
enum Items<'s> {
    Kept(kept::Items<'s>),
    Live(live::Items<'s>),
}

impl Iterator for Items<'_> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Kept(items) => items.next(),
            Self::Live(items) => items.next(),
        }
    }
}
