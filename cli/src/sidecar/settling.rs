//! An initialization reads the backups of a member whose etcd has ended, while the snapshotter beside it may still hold what that
//! etcd had acknowledged: it waits until that is stored, or nobody stores it any more.

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Asks for that.
#[derive(Clone)]
pub(super) struct Settling(mpsc::Sender<oneshot::Sender<()>>);

/// Is asked.
pub(super) struct Asked(mpsc::Receiver<oneshot::Sender<()>>);

/// When a snapshotter has ended of which nobody waits for the end; by default, there is none.
#[derive(Default)]
pub(super) struct Ending(Option<CancellationToken>);

pub(super) fn settling() -> (Settling, Asked) {
    let (ask, asked) = mpsc::channel(1);
    (Settling(ask), Asked(asked))
}

impl Settling {
    /// Returns when nothing that etcd had acknowledged before is stored any more. What is held of it is stored by then,
    /// if the store takes it in time.
    pub(super) async fn wait(&self) {
        let (done, is_done) = oneshot::channel();
        // Whoever has ended stores nothing.
        if self.0.send(done).await.is_ok() {
            let _ = is_done.await;
        }
    }
}

impl Asked {
    /// Never, where nobody asks any more.
    pub(super) async fn next(&mut self) -> oneshot::Sender<()> {
        match self.0.recv().await {
            Some(done) => done,
            None => std::future::pending().await,
        }
    }
}

impl Ending {
    /// One that ends when this is cancelled.
    pub(super) fn at(over: CancellationToken) -> Self {
        Self(Some(over))
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.as_ref().is_none_or(CancellationToken::is_cancelled)
    }

    /// Waits for it.
    pub(super) async fn over(&self) {
        if let Some(over) = &self.0 {
            over.cancelled().await;
        }
    }

    /// Says when it is over.
    pub(super) fn tell(&self, done: oneshot::Sender<()>) {
        let over = self.0.clone();
        tokio::spawn(async move {
            Self(over).over().await;
            // Whoever asked may have gone.
            let _ = done.send(());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_asks_waits_for_the_end_and_no_longer() {
        let (settling, mut asked) = settling();
        let waits = tokio::spawn(async move { settling.wait().await });
        let over = CancellationToken::new();
        let ending = Ending::at(over.clone());
        ending.tell(asked.next().await);
        tokio::task::yield_now().await;
        assert!(!waits.is_finished() && !ending.is_over());
        over.cancel();
        waits.await.unwrap();
        assert!(ending.is_over());
        // Where none runs, and where nobody would answer.
        let (settling, mut asked) = super::settling();
        let waits = tokio::spawn(async move { settling.wait().await });
        Ending::default().tell(asked.next().await);
        waits.await.unwrap();
        let (settling, asked) = super::settling();
        drop(asked);
        settling.wait().await;
    }
}
