use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use client::Etcd;

use crate::backups::DatabaseFile;
use crate::hint::Hint;
use crate::restore;

/// What is restored, and how closely it is looked at.
#[derive(Debug, Clone)]
pub struct Request {
    /// The restore, into a directory that is thrown away.
    pub restore: restore::Request,
    /// Keys that are compared one by one.
    pub sample: usize,
    /// How long an etcd may take to serve after it was started.
    pub start: Duration,
}

/// Where the backup is.
#[derive(Debug, Clone)]
pub enum Source {
    /// The chain of a store.
    Chain,
    /// One file, in whose directory the store of the session is.
    File(Box<DatabaseFile>),
}

/// Starts an etcd.
#[async_trait]
pub trait Starter: Send + Sync {
    /// On this directory, which was just restored. What is given back may not serve yet.
    async fn start(&self, data_dir: &Path) -> Result<Box<dyn Running>, NotStarted>;
}

/// An etcd that was started; it is stopped when this is dropped.
#[async_trait]
pub trait Running: Send + Sync {
    /// To ask it.
    fn etcd(&self) -> Arc<dyn Etcd>;

    /// Why it runs no more, if so. One that was in the way of another process is started again.
    async fn ended(&mut self) -> Option<String>;
}

/// Why no etcd was started, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStarted {
    /// As the end of a sentence.
    pub why: String,
    /// What to do.
    pub hints: Vec<Hint>,
}
