use std::collections::VecDeque;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::asked::Asked;
use super::said::Sent;
use super::script::Scripted;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::snapshot::{ClaimedHash, SnapshotPiece, SnapshotStream};

/// A snapshot of the fake.
#[derive(Debug)]
pub(super) struct Snapshot {
    etcd: Scripted,
    size: u64,
    sent: VecDeque<Sent>,
    hasher: Sha256,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Running,
    Stalled,
    Over,
}

impl Snapshot {
    pub(super) fn of(etcd: Scripted, sent: VecDeque<Sent>) -> Self {
        let size = |sent: &Sent| match sent {
            Sent::Database(bytes) => bytes.len() as u64,
            _ => 0,
        };
        Self {
            etcd,
            size: sent.iter().map(size).sum(),
            sent,
            hasher: Sha256::new(),
            state: State::Running,
        }
    }
}

#[async_trait]
impl SnapshotStream for Snapshot {
    fn size(&self) -> u64 {
        self.size
    }

    fn storage_version(&self) -> Option<&str> {
        None
    }

    fn endpoint(&self) -> &Endpoint {
        self.etcd.here()
    }

    async fn next(&mut self) -> Result<SnapshotPiece> {
        loop {
            match self.state {
                State::Running => {}
                State::Stalled => std::future::pending().await,
                State::Over => {
                    let why = "the snapshot is over, and was read on";
                    return Err(Error::new(ErrorKind::Protocol, "read a snapshot", why));
                }
            }
            match self.sent.pop_front() {
                Some(Sent::Database(bytes)) => {
                    self.hasher.update(&bytes);
                    return Ok(SnapshotPiece::Database(bytes));
                }
                Some(Sent::Fails(error)) => {
                    self.state = State::Over;
                    return Err(error);
                }
                Some(Sent::Waits(wait)) => self.etcd.clock.sleep(wait).await,
                Some(Sent::Stalls) => self.state = State::Stalled,
                None => {
                    self.state = State::Over;
                    let sha256 = ClaimedHash::new(self.hasher.clone().finalize().into());
                    return Ok(SnapshotPiece::End { sha256 });
                }
            }
        }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if self.state != State::Over {
            self.etcd.note(Asked::SnapshotDropped);
        }
    }
}
