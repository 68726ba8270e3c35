use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::report::Taken;

/// What somebody wants of a snapshotter that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A full, as soon as one can be taken.
    Full,
    /// A full that is the last of a cluster which is put to sleep or moved.
    FinalFull,
    /// That what was read is stored now.
    Delta,
}

/// What came of it: the snapshot; `None` if the store reaches that revision and nothing was to be taken; or why it
/// could not be taken.
pub type Answer = Result<Option<Taken>, String>;

/// Something that is wanted, and who waits for it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) wanted: Wanted,
    /// The revision that must be reached, and who is told.
    pub(super) answered: Option<(i64, oneshot::Sender<Answer>)>,
}

/// Where it is said.
#[derive(Debug, Clone)]
pub struct RequestSender(UnboundedSender<Request>);

/// Where a snapshotter hears it.
#[derive(Debug)]
pub struct RequestReceiver(UnboundedReceiver<Request>);

impl RequestSender {
    /// Both ends.
    pub fn new() -> (Self, RequestReceiver) {
        let (say, hear) = unbounded_channel();
        (Self(say), RequestReceiver(hear))
    }

    /// Says what is wanted. Nobody hears it after the end.
    pub fn send(&self, wanted: Wanted) {
        let answered = None;
        let _ = self.0.send(Request { wanted, answered });
    }

    /// Says what is wanted, and waits until the store reaches `revision` by it, which etcd must have reached. `None`:
    /// the snapshotter has ended before that.
    pub async fn ask(&self, wanted: Wanted, revision: i64) -> Option<Answer> {
        let (tell, told) = oneshot::channel();
        let answered = Some((revision, tell));
        self.0.send(Request { wanted, answered }).ok()?;
        told.await.ok()
    }
}

impl RequestReceiver {
    /// What is wanted next; never, where nobody can say anything any more.
    pub(super) async fn next(&mut self) -> Request {
        match self.0.recv().await {
            Some(request) => request,
            None => std::future::pending().await,
        }
    }
}
