use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::member::Member;
use crate::error::{Error, ErrorKind, Result};

/// The members, of which one is asked until it does not answer.
#[derive(Debug)]
pub(super) struct Sticky {
    members: Vec<Arc<Member>>,
    now: AtomicUsize,
}

impl Sticky {
    /// Errors: `Config` if there is none.
    pub(super) fn new(members: Vec<Arc<Member>>) -> Result<Self> {
        if members.is_empty() {
            let message = "no endpoint is given";
            return Err(Error::new(ErrorKind::Config, "read the endpoints", message));
        }
        let now = AtomicUsize::new(0);
        Ok(Self { members, now })
    }

    /// One member, and no other in its place.
    pub(super) fn alone(member: Arc<Member>) -> Self {
        let now = AtomicUsize::new(0);
        Self {
            members: vec![member],
            now,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.members.len()
    }

    pub(super) fn all(&self) -> &[Arc<Member>] {
        &self.members
    }

    /// Who is asked.
    pub(super) fn now(&self) -> &Arc<Member> {
        let now = self.now.load(Ordering::Acquire);
        &self.members[now % self.members.len()]
    }

    /// Goes on to the next if `error`, of `failed`, says that this one does not answer.
    pub(super) fn failed(&self, failed: &Arc<Member>, error: &Error) {
        if error.is_of_the_member() {
            self.leave(failed);
        }
    }

    /// Goes on to the next, unless somebody else has gone on from `failed` already.
    fn leave(&self, failed: &Arc<Member>) {
        let now = self.now.load(Ordering::Acquire);
        let length = self.members.len();
        if length > 1 && Arc::ptr_eq(&self.members[now % length], failed) {
            let next = (now + 1) % length;
            // Lost to somebody who saw the same.
            let moved = self
                .now
                .compare_exchange(now, next, Ordering::AcqRel, Ordering::Acquire);
            if moved.is_ok() {
                let (from, to) = (failed.endpoint(), self.members[next].endpoint());
                tracing::warn!(%from, %to, "the etcd member does not answer: another one is asked");
            }
        }
    }
}
