//! The stream of events.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tonic::Streaming;

use super::call::{Token, conversation, first};
use super::client::Client;
use super::connect::Use;
use super::member::Member;
use super::refusal::{by_words, refusal, strange};
use super::rpc::WATCH;
use super::sticky::Sticky;
use super::understood::understood_header;
use crate::answers::Header;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::watch::{Large, Pieces, WatchFrom, WatchItem, WatchStream, canceled};
use crate::wire::watch::{Asked, WatchCreateRequest, WatchRequest, WatchResponse};

/// The range of all keys.
const ALL: &[u8] = b"\0";

impl Client {
    pub(super) async fn open_watch(&self, from: WatchFrom, used: Use) -> Result<Watching> {
        let sticky = self.sticky();
        let open = |member, token| Watching::open((sticky.clone(), member), token, from, used);
        self.attempt(WATCH, open).await
    }

    /// A watch from the beginning is canceled with the last compaction, or shows an event: every
    /// revision above 1 has one.
    pub(super) async fn ask_compacted(&self) -> Result<Option<i64>> {
        let from = WatchFrom {
            revision: 1,
            large: Large::Cut,
        };
        let mut watch = self.open_watch(from, Use::Bulk).await?;
        if watch.created.revision <= 1 {
            return Ok(None);
        }
        loop {
            let told = tokio::time::timeout(watch.member.pace().answer, watch.next());
            let Ok(item) = told.await else {
                let why = "a watch of all keys shows none of them";
                return Err(strange("ask for the compaction", watch.endpoint(), why));
            };
            match item? {
                WatchItem::Batch(_) => return Ok(None),
                WatchItem::Progress { .. } => {}
                WatchItem::Canceled {
                    compact_revision: Some(revision),
                    ..
                } => return Ok(Some(revision)),
                WatchItem::Canceled { reason, .. } => {
                    let error = Error::new(ErrorKind::Refused, "ask for the compaction", reason);
                    return Err(error.at(watch.endpoint()));
                }
            }
        }
    }
}

/// A watch that was created.
#[derive(Debug)]
pub(super) struct Watching {
    sticky: Arc<Sticky>,
    member: Arc<Member>,
    messages: Streaming<WatchResponse>,
    created: Header,
    pieces: Pieces,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Running,
    /// Canceled as it was created.
    Ends(WatchItem),
    Over,
}

impl Watching {
    async fn open(
        (sticky, member): (Arc<Sticky>, Arc<Member>),
        token: Option<Token>,
        from: WatchFrom,
        used: Use,
    ) -> Result<Self> {
        let create = WatchCreateRequest {
            key: Bytes::from_static(ALL),
            range_end: Bytes::from_static(ALL),
            start_revision: from.revision,
            progress_notify: true,
            fragment: from.large == Large::Cut,
        };
        if from.revision < 1 {
            let message = format!(
                "a watch begins at revision 1 or above, not at {}",
                from.revision
            );
            return Err(Error::new(ErrorKind::Config, WATCH.name, message));
        }
        let question = WatchRequest {
            asked: Some(Asked::Create(create)),
        };
        let mut messages = conversation(&member, (WATCH, used), token, question).await?;
        let first: WatchResponse = first(&member, WATCH, &mut messages).await?;
        let not_understood = |why: String| strange(WATCH.name, member.endpoint(), why);
        if !first.created {
            let why = "its first message does not say that the watch is created";
            return Err(not_understood(why.to_owned()));
        }
        let state = match first.canceled {
            true => State::Ends(refused(&member, &first)?),
            false => State::Running,
        };
        let header = first.header.ok_or("there is no header in it".to_owned());
        let created = header.and_then(understood_header).map_err(not_understood)?;
        Ok(Self {
            sticky,
            member,
            messages,
            created,
            pieces: Pieces::of(first.watch_id),
            state,
        })
    }

    async fn item(&mut self) -> Result<WatchItem> {
        let endpoint = self.member.endpoint();
        let message = self.messages.message().await;
        let message = message.map_err(|status| refusal(WATCH.name, endpoint, status))?;
        let Some(message) = message else {
            let why = "the member has ended the stream";
            return Err(Error::new(ErrorKind::Unavailable, WATCH.name, why).at(endpoint));
        };
        if message.canceled && message.compact_revision == 0 {
            return refused(&self.member, &message);
        }
        let item = self.pieces.item(message);
        item.map_err(|why| strange(WATCH.name, endpoint, why))
    }
}

/// A watch that is canceled for a reason that has a kind of its own is an error of this kind.
fn refused(member: &Member, message: &WatchResponse) -> Result<WatchItem> {
    let item = canceled(message);
    match by_words(&message.cancel_reason) {
        Some(kind) if message.compact_revision == 0 => {
            let reason = snapstore::printable(&message.cancel_reason);
            Err(Error::new(kind, WATCH.name, reason).at(member.endpoint()))
        }
        _ => Ok(item),
    }
}

#[async_trait]
impl WatchStream for Watching {
    fn created(&self) -> &Header {
        &self.created
    }

    fn endpoint(&self) -> &Endpoint {
        self.member.endpoint()
    }

    /// May be dropped and called again: no message is lost by it.
    async fn next(&mut self) -> Result<WatchItem> {
        match std::mem::replace(&mut self.state, State::Running) {
            State::Running => {}
            State::Ends(item) => {
                self.state = State::Over;
                return Ok(item);
            }
            State::Over => {
                self.state = State::Over;
                let why = "the watch is over, and was read on";
                return Err(strange(WATCH.name, self.member.endpoint(), why));
            }
        }
        let item = self.item().await;
        if let Err(error) = &item {
            self.sticky.failed(&self.member, error);
        }
        if matches!(item, Err(_) | Ok(WatchItem::Canceled { .. })) {
            self.state = State::Over;
        }
        item
    }
}
