use std::fmt;

use async_trait::async_trait;

use super::item::WatchItem;
use crate::answers::Header;
use crate::endpoint::Endpoint;
use crate::error::Result;

/// From where to watch, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchFrom {
    /// The first revision, at least 1.
    pub revision: i64,
    /// Whether etcd cuts what is large.
    pub large: Large,
}

/// What etcd does with a batch of more than 2 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Large {
    /// It is cut, also inside of a revision. Costs etcd the square of the number of events: tens of
    /// seconds for 75,000 of one revision.
    Cut,
    /// It comes as one message, of which up to [`MAX_MESSAGE`](crate::MAX_MESSAGE) are taken.
    Whole,
}

/// A watch that runs. Its permission was checked when it was created.
#[async_trait]
pub trait WatchStream: fmt::Debug + Send {
    /// Who watched, and its newest revision when the watch was created. One below the start, less one, says
    /// that the start is in the future of this member: it lags, or its history is another.
    fn created(&self) -> &Header;

    /// Who sends it.
    fn endpoint(&self) -> &Endpoint;

    /// What comes next. Nothing comes after [`WatchItem::Canceled`]; asking on after it, or after
    /// an error, is an error.
    ///
    /// Errors: `NoLeader` when the member has had no leader for a while, `Unavailable`.
    async fn next(&mut self) -> Result<WatchItem>;
}
