use std::time::Duration;

use bytes::Bytes;

use crate::error::Error;
use crate::watch::WatchItem;

/// What a watch says next.
#[derive(Debug)]
pub enum Said {
    /// This. After [`WatchItem::Canceled`] the next watch goes on with the queue.
    Item(WatchItem),
    /// The stream breaks with this error; the next watch goes on with the queue.
    Fails(Error),
    /// Nothing, for as long.
    Waits(Duration),
    /// Nothing, until this watch is dropped; the next one goes on with the queue.
    Stalls,
}

/// What a snapshot sends next.
#[derive(Debug)]
pub enum Sent {
    /// These bytes of the database.
    Database(Bytes),
    /// The stream breaks with this error.
    Fails(Error),
    /// Nothing, for as long.
    Waits(Duration),
    /// Nothing, for ever.
    Stalls,
}
