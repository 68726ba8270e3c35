use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use super::grpc::{Connection, message};
use crate::bench::corpus::Corpus;
use crate::bench::moment::{now, sleep_until};

/// Puts, from as many writers, each of which waits for its answer.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// What keys and values are like.
    pub(super) corpus: &'static Corpus,
    pub(super) writers: u64,
    /// Puts a second; `None`: as many as etcd takes.
    pub(super) rate: Option<u32>,
}

/// When it ends.
#[derive(Clone)]
pub(super) enum Until {
    Puts(u64),
    Passed(Duration),
    Told(Arc<AtomicBool>),
}

/// How it went.
pub(super) struct Written {
    pub(super) puts: u64,
    wall: Duration,
    /// Of each put, in microseconds, ascending.
    latencies: Vec<u32>,
}

impl Written {
    pub(super) fn rate(&self) -> f64 {
        self.puts as f64 / self.wall.as_secs_f64()
    }

    /// What so many of a hundred puts took at most, in milliseconds.
    pub(super) fn percentile(&self, of_hundred: usize) -> f64 {
        let index = self.latencies.len() * of_hundred / 100;
        let index = index.min(self.latencies.len().saturating_sub(1));
        self.latencies
            .get(index)
            .map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
    }
}

struct Course {
    load: Load,
    until: Until,
    begin: Instant,
    next: AtomicU64,
}

impl Load {
    /// Writes to the etcd at `url`, and returns when it is over.
    pub(super) fn run(self, url: &str, until: Until) -> Result<Written> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let course = Arc::new(Course {
            load: self,
            until,
            begin: now(),
            next: AtomicU64::new(0),
        });
        runtime.block_on(course.run(url))
    }

    /// The same beside what else is done, until that is told.
    pub(super) fn beside<T>(
        self,
        url: &str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<(T, Written)> {
        let over = Arc::new(AtomicBool::new(false));
        let until = Until::Told(over.clone());
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| self.run(url, until));
            let worked = work();
            over.store(true, Ordering::Relaxed);
            let written = writing.join().ok().context("the load panicked")??;
            Ok((worked?, written))
        })
    }
}

impl Course {
    async fn run(self: Arc<Self>, url: &str) -> Result<Written> {
        let mut writers = JoinSet::new();
        for _ in 0..self.load.writers.div_ceil(16) {
            let connection = Connection::to(url).await?;
            for _ in 0..16 {
                let (course, connection) = (self.clone(), connection.clone());
                writers.spawn(async move { course.write(&connection).await });
            }
        }
        let mut latencies = Vec::new();
        while let Some(ended) = writers.join_next().await {
            latencies.extend(ended??);
        }
        let wall = self.begin.elapsed();
        latencies.sort_unstable();
        Ok(Written {
            puts: latencies.len() as u64,
            wall,
            latencies,
        })
    }

    async fn write(&self, connection: &Connection) -> Result<Vec<u32>> {
        let (mut latencies, mut value) = (Vec::new(), Vec::new());
        let corpus = self.load.corpus;
        loop {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            if self.is_over(n) {
                return Ok(latencies);
            }
            let begun = self.due(n).await;
            corpus.fill(n, &mut value);
            let put = message(&[corpus.key(n % corpus.keys).as_bytes(), &value]);
            connection.call("KV/Put", &put).await?;
            latencies.push(u32::try_from(begun.elapsed().as_micros())?);
        }
    }

    fn is_over(&self, n: u64) -> bool {
        match &self.until {
            Until::Puts(puts) => n >= *puts,
            Until::Passed(time) => self.begin.elapsed() >= *time,
            Until::Told(over) => over.load(Ordering::Relaxed),
        }
    }

    /// Waits until put `n` should be sent, and says when that was: a put that waits for others is late, and counts.
    async fn due(&self, n: u64) -> Instant {
        let Some(rate) = self.load.rate else {
            return now();
        };
        let due = self.begin + Duration::from_secs(1).mul_f64(n as f64 / f64::from(rate));
        sleep_until(due).await;
        due
    }
}
