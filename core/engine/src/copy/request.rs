use std::num::NonZero;
use std::time::Duration;

use jiff::Timestamp;
use snapstore::Sending;

use super::filter::Filter;
use crate::backups::storing::Arrival;

/// What is copied, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which chains.
    pub filter: Filter,
    /// How many objects at once, as far as their parts fit into memory.
    pub parallel: NonZero<usize>,
    /// How an object is sent; the mode does not count, a name is written once.
    pub sending: Sending,
    /// When an object counts as stored; with [`Arrival::ReadBack`] what is there already is read and compared too.
    pub arrival: Arrival,
    /// Who copies where both stores are of one service.
    pub passage: Passage,
    /// What is compared of an object of which no metadata tells the SHA-256.
    pub content: ContentCheck,
    /// Bytes a second that are copied at most, all objects together; `None`: as fast as it goes.
    pub rate: Option<NonZero<u64>>,
    /// Whether the last full of the source is waited for.
    pub waiting: Option<Waiting>,
    /// Whether anything is written.
    pub mode: Mode,
    /// What time it is.
    pub now: Timestamp,
}

/// How long the source is looked at for a final full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Then it is copied all the same; `None`: for ever.
    pub at_most: Option<Duration>,
}

/// What is compared of an object on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCheck {
    /// Its content with the SHA-256 that stands at its end.
    TrailingHash,
    /// Nothing but its length: what has a wrong hash, or none, is copied too.
    Skipped,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is copied.
    Copy,
    /// It is only said.
    DryRun,
}

/// By which way objects come to the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// The service of both stores copies them, if there is one for both and it does.
    ByService,
    /// All go through this machine.
    Streamed,
}
