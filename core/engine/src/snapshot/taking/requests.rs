use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What somebody wants of a snapshotter that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A full, as soon as one can be taken.
    Full,
    /// That what was read is stored now.
    Delta,
}

/// Where it is said.
#[derive(Debug, Clone)]
pub struct RequestSender(UnboundedSender<Wanted>);

/// Where a snapshotter hears it.
#[derive(Debug)]
pub struct RequestReceiver(UnboundedReceiver<Wanted>);

impl RequestSender {
    /// Both ends.
    pub fn new() -> (Self, RequestReceiver) {
        let (say, hear) = unbounded_channel();
        (Self(say), RequestReceiver(hear))
    }

    /// Says what is wanted. Nobody hears it after the end.
    pub fn send(&self, wanted: Wanted) {
        let _ = self.0.send(wanted);
    }
}

impl RequestReceiver {
    /// What is wanted next; never, where nobody can say anything any more.
    pub(super) async fn next(&mut self) -> Wanted {
        match self.0.recv().await {
            Some(wanted) => wanted,
            None => std::future::pending().await,
        }
    }
}
