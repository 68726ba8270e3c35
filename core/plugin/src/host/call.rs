//! Getting a call into a plugin and its answer out.

use std::sync::Arc;
use std::time::Duration;

use snapstore::layers::Deadlines;
use snapstore::{Error, ErrorKind, Result};
use tokio::sync::Semaphore;

use super::options::Options;
use super::reply::{HOST, Reply};
use crate::abi::{Call, Plugin, size_of_struct};

/// The way into a plugin.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) table: Plugin,
    gate: Arc<Semaphore>,
    pub(super) deadlines: Deadlines,
}

impl Caller {
    pub(super) fn new(table: Plugin, options: Options) -> Self {
        let gate = Arc::new(Semaphore::new(options.parallel.max(1)));
        Self {
            table,
            gate,
            deadlines: options.deadlines,
        }
    }

    /// Runs `work`, which makes one call, on a thread where blocking holds up nobody. When the
    /// deadline passes, the answer is an error; the thread and its place at the gate stay taken
    /// until the plugin returns.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        deadline: Duration,
        work: impl FnOnce(&Plugin, &Call) -> (i32, T) + Send + 'static,
    ) -> Result<(Reply, T)> {
        let late = || {
            let message = format!("the plugin did not answer within {deadline:?}");
            Error::new(ErrorKind::Unexpected, operation, message).retryable()
        };
        let (gate, table) = (self.gate.clone(), self.table);
        let answered = tokio::time::timeout(deadline, async move {
            let permit = gate.acquire_owned().await;
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                call(&table, operation, deadline, work)
            })
            .await
        });
        match answered.await {
            Err(_) => Err(late()),
            Ok(Ok(answer)) => answer,
            Ok(Err(died)) => Err(Error::new(
                ErrorKind::Unexpected,
                operation,
                died.to_string(),
            )),
        }
    }
}

fn call<T>(
    table: &Plugin,
    operation: &'static str,
    deadline: Duration,
    work: impl FnOnce(&Plugin, &Call) -> (i32, T),
) -> Result<(Reply, T)> {
    let mut reply = Reply::new(operation);
    let call = Call {
        struct_size: size_of_struct::<Call>(),
        reserved: 0,
        host: &HOST,
        reply: std::ptr::from_mut(&mut reply).cast(),
        deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
    };
    let (code, value) = work(table, &call);
    Ok((reply.finish(code)?, value))
}

/// A required function was there when the plugin was loaded.
pub(super) const MISSING: i32 = crate::abi::FAILED;
