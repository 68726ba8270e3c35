use std::result;
use std::time::Duration;

use super::report::Report;
use super::unhealthy::Unhealthy;
use crate::hint::Hint;

/// The result of a defragmentation.
pub type Result<T, E = Error> = result::Result<T, E>;

/// Why a defragmentation did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// etcd does not say who its members are.
    #[error("the members are not known: {0}")]
    Members(#[source] client::Error),
    /// One member less might be one too few.
    #[error("{unhealthy}: nothing {} is defragmented", more(.done))]
    Unhealthy {
        /// Why.
        unhealthy: Unhealthy,
        /// What was done before.
        done: Box<Report>,
    },
    /// A member failed.
    #[error("{member} was not defragmented: {source}; the members after it were left as they are")]
    Member {
        /// Its name.
        member: String,
        /// What it says.
        source: client::Error,
        /// What was done before.
        done: Box<Report>,
    },
    /// It takes too long.
    #[error(
        "{member} is not done within {within:?}: it goes on by itself, and the members after it were left as they are"
    )]
    Late {
        /// Its name.
        member: String,
        /// How long it was waited for.
        within: Duration,
        /// What was done before.
        done: Box<Report>,
    },
    /// The leader stays.
    #[error(
        "the leadership was not moved from {member} to {to}, so that it was not defragmented: {why}"
    )]
    StillLeads {
        /// The leader.
        member: String,
        /// Who was to lead.
        to: String,
        /// Why.
        why: String,
        /// What was done before.
        done: Box<Report>,
    },
    /// Somebody asked to stop.
    #[error("interrupted; a member that is being defragmented goes on by itself")]
    Interrupted {
        /// What was done before.
        done: Box<Report>,
    },
}

fn more(done: &Report) -> &'static str {
    match done.was_anything_done() {
        true => "more",
        false => "at all",
    }
}

impl Error {
    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Members(source) | Self::Member { source, .. } => Hint::of_etcd(source),
            _ => Vec::new(),
        }
    }

    /// What was done before it failed.
    pub fn done(&self) -> Option<&Report> {
        match self {
            Self::Members(_) => None,
            Self::Unhealthy { done, .. }
            | Self::Member { done, .. }
            | Self::Late { done, .. }
            | Self::StillLeads { done, .. }
            | Self::Interrupted { done } => Some(done),
        }
    }
}
