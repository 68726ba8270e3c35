//! What is under way beside the driver. Each job has a number: what a job says after it was given up has a
//! number that nobody waits for.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

/// What a job says, and which one it is.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) job: u64,
    pub(super) said: T,
}

/// One that is under way: dropped, it ends, unless it ends itself.
#[derive(Debug)]
pub(super) struct Job {
    number: u64,
    task: Option<AbortHandle>,
}

/// Starts jobs.
#[derive(Debug)]
pub(super) struct Jobs<T> {
    last: u64,
    answers: UnboundedSender<Answer<T>>,
    /// What is said of a job that panicked: whoever waits for its answer would wait for ever.
    died: fn() -> T,
    /// Those that clean up when they are told to end.
    detached: TaskTracker,
}

/// Where a job speaks.
#[derive(Debug)]
pub(super) struct AnswerSender<T> {
    job: u64,
    answers: UnboundedSender<Answer<T>>,
}

impl<T: Send + 'static> Jobs<T> {
    pub(super) fn new(answers: UnboundedSender<Answer<T>>, died: fn() -> T) -> Self {
        Self {
            last: 0,
            answers,
            died,
            detached: TaskTracker::new(),
        }
    }

    /// Starts one that says one thing.
    pub(super) fn ask(&mut self, work: impl Future<Output = T> + Send + 'static) -> Job {
        self.start(|answers| async move {
            let said = work.await;
            answers.send(said);
        })
    }

    /// Starts one that may say several things.
    pub(super) fn start<W>(&mut self, work: impl FnOnce(AnswerSender<T>) -> W) -> Job
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let answers = self.sender();
        let number = answers.job;
        let task = Some(tokio::spawn(self.watched(number, work(answers))).abort_handle());
        Job { number, task }
    }

    /// The same, of one that is told in another way that it is not wanted any more, and cleans up then.
    pub(super) fn start_detached<W>(&mut self, work: impl FnOnce(AnswerSender<T>) -> W) -> Job
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let answers = self.sender();
        let number = answers.job;
        let work = self.watched(number, work(answers));
        drop(self.detached.spawn(work));
        Job { number, task: None }
    }

    /// Waits until those that were told to end have cleaned up.
    pub(super) async fn cleaned_up(&self) {
        self.detached.close();
        self.detached.wait().await;
    }

    /// The work, and what is said where it panics.
    fn watched<W>(&self, job: u64, work: W) -> impl Future<Output = ()> + Send + use<T, W>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (tell, died) = (self.answers.clone(), self.died);
        let work = AssertUnwindSafe(work).catch_unwind();
        async move {
            if work.await.is_err() {
                // Nobody may listen any more.
                let _ = tell.send(Answer { job, said: died() });
            }
        }
    }

    fn sender(&mut self) -> AnswerSender<T> {
        self.last += 1;
        AnswerSender {
            job: self.last,
            answers: self.answers.clone(),
        }
    }
}

impl<T> AnswerSender<T> {
    /// Nobody may listen any more.
    pub(super) fn send(&self, said: T) {
        let job = self.job;
        let _ = self.answers.send(Answer { job, said });
    }
}

impl Job {
    pub(super) fn is(&self, number: u64) -> bool {
        self.number == number
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
