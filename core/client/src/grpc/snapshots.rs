//! The stream of a database, checked.

use std::sync::Arc;

use async_trait::async_trait;
use tonic::Streaming;

use super::call::{Token, first, stream};
use super::client::Client;
use super::member::Member;
use super::refusal::{refusal, strange};
use super::rpc::SNAPSHOT;
use super::sticky::Sticky;
use super::understood::text;
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::snapshot::{Check, SnapshotFault, SnapshotPiece, SnapshotStream};
use crate::wire::maintenance::{SnapshotRequest, SnapshotResponse};

impl Client {
    pub(super) async fn open_snapshot(&self) -> Result<Box<dyn SnapshotStream>> {
        let sticky = self.sticky();
        let open = |member, token| Checked::open(sticky.clone(), member, token);
        Ok(Box::new(self.attempt(SNAPSHOT, open).await?))
    }
}

/// A stream whose messages are checked as they come.
#[derive(Debug)]
struct Checked {
    sticky: Arc<Sticky>,
    member: Arc<Member>,
    messages: Streaming<SnapshotResponse>,
    /// Read already, to know the size.
    first: Option<SnapshotResponse>,
    check: Check,
    version: Option<String>,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Running,
    Over,
}

impl Checked {
    async fn open(sticky: Arc<Sticky>, member: Arc<Member>, token: Option<Token>) -> Result<Self> {
        let mut messages = stream(&member, SNAPSHOT, token, SnapshotRequest {}).await?;
        let first: SnapshotResponse = first(&member, SNAPSHOT, &mut messages).await?;
        let check = Check::begin(first.remaining_bytes, &first.blob)
            .map_err(|fault| no_snapshot(&member, fault))?;
        Ok(Self {
            version: text(&first.version),
            sticky,
            member,
            messages,
            first: Some(first),
            check,
            state: State::Running,
        })
    }

    async fn piece(&mut self) -> Result<SnapshotPiece> {
        loop {
            let message = match self.first.take() {
                Some(first) => Some(first),
                None => {
                    let endpoint = self.member.endpoint();
                    let message = self.messages.message().await;
                    message.map_err(|status| refusal(SNAPSHOT.name, endpoint, status))?
                }
            };
            let wrong = |fault| no_snapshot(&self.member, fault);
            let Some(message) = message else {
                let sha256 = self.check.end().map_err(wrong)?;
                return Ok(SnapshotPiece::End { sha256 });
            };
            let bytes = self.check.message(message.remaining_bytes, message.blob);
            if let Some(bytes) = bytes.map_err(wrong)? {
                return Ok(SnapshotPiece::Database(bytes));
            }
            // The hash: what is left to see is a clean end.
        }
    }
}

#[async_trait]
impl SnapshotStream for Checked {
    fn size(&self) -> u64 {
        self.check.size()
    }

    fn storage_version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    fn endpoint(&self) -> &Endpoint {
        self.member.endpoint()
    }

    /// May be dropped and called again: no message is lost by it.
    async fn next(&mut self) -> Result<SnapshotPiece> {
        if self.state == State::Over {
            let why = "the snapshot is over, and was read on";
            return Err(strange(SNAPSHOT.name, self.member.endpoint(), why));
        }
        let piece = self.piece().await;
        if let Err(error) = &piece {
            self.sticky.failed(&self.member, error);
        }
        if !matches!(piece, Ok(SnapshotPiece::Database(_))) {
            self.state = State::Over;
        }
        piece
    }
}

fn no_snapshot(member: &Member, fault: SnapshotFault) -> crate::error::Error {
    strange(SNAPSHOT.name, member.endpoint(), fault.to_string()).with_source(fault)
}
