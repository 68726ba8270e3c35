use async_trait::async_trait;

use super::asked::Asked;
use super::said::Said;
use super::script::Scripted;
use crate::answers::Header;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::watch::{WatchItem, WatchStream};

/// A watch of the fake.
#[derive(Debug)]
pub(super) struct Watch {
    etcd: Scripted,
    created: Header,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Running,
    Stalled,
    Over,
}

impl Watch {
    pub(super) fn of(etcd: Scripted, created: Header) -> Self {
        let state = State::Running;
        Self {
            etcd,
            created,
            state,
        }
    }
}

#[async_trait]
impl WatchStream for Watch {
    fn created(&self) -> &Header {
        &self.created
    }

    fn endpoint(&self) -> &Endpoint {
        self.etcd.here()
    }

    async fn next(&mut self) -> Result<WatchItem> {
        loop {
            match self.state {
                State::Running => {}
                State::Stalled => std::future::pending().await,
                State::Over => {
                    let why = "the watch is over, and was read on";
                    return Err(Error::new(ErrorKind::Protocol, "watch", why));
                }
            }
            match self.etcd.next_said().await {
                Said::Item(item) => {
                    if matches!(item, WatchItem::Canceled { .. }) {
                        self.state = State::Over;
                    }
                    return Ok(item);
                }
                Said::Fails(error) => {
                    self.state = State::Over;
                    return Err(error);
                }
                Said::Waits(wait) => self.etcd.clock.sleep(wait).await,
                Said::Stalls => self.state = State::Stalled,
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.state != State::Over {
            self.etcd.note(Asked::WatchDropped);
        }
    }
}
