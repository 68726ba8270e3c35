//! The keys of an etcd that runs, in pages, all of them as they were at one revision.

use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use client::{ErrorKind, Etcd, Header, KeyRange, KeyValue as Item, Read};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::error::{Error, Result};
use super::keys::Keys;
use super::origin::Live;

/// How many keys a page has at first, and at most.
const PAGE: (u32, u32) = (64, 4096);

/// A page of about so many bytes is asked for: larger values make pages of fewer keys.
const BYTES: usize = 1 << 20;

/// An etcd at one revision.
pub(super) struct AtRevision {
    etcd: Arc<dyn Etcd>,
    cancel: CancellationToken,
    runtime: Handle,
    range: Option<KeyRange>,
    cluster_id: u64,
    revision: i64,
}

impl AtRevision {
    /// At its newest revision, which most members agree on. From then on the member that has told it is asked alone: among
    /// several endpoints may be one of another cluster.
    pub(super) async fn newest(
        etcd: &Arc<dyn Etcd>,
        cancel: &CancellationToken,
        keys: &Keys,
    ) -> Result<(Live, Self)> {
        let range = keys.range();
        let asking = cancel.run_until_cancelled(newest(&**etcd, range.clone()));
        let asked = asking.await.ok_or(Error::Interrupted)?;
        let head = asked.map_err(Error::Etcd)?;
        let endpoint = etcd.endpoint();
        let live = Live {
            endpoint: endpoint.to_string(),
            cluster_id: head.cluster_id,
            revision: head.revision,
        };
        let at = Self {
            etcd: etcd.at(&endpoint),
            cancel: cancel.clone(),
            runtime: Handle::current(),
            range,
            cluster_id: head.cluster_id,
            revision: head.revision,
        };
        Ok((live, at))
    }

    /// The member that is asked.
    pub(super) fn member(&self) -> &Arc<dyn Etcd> {
        &self.etcd
    }

    /// Its keys. Not in a task of the runtime: this waits for answers.
    pub(super) fn items(&self) -> Items<'_> {
        Items {
            at: self,
            page: Vec::new().into_iter(),
            next: self.range.clone(),
            limit: PAGE.0,
        }
    }
}

/// The newest revision. A user who may read only these keys is told it with one of them.
async fn newest(etcd: &dyn Etcd, range: Option<KeyRange>) -> client::Result<Header> {
    match range {
        Some(range) => Ok(etcd.keys_at(range, 0, 1).await?.header),
        None => etcd.head(Read::Agreed).await,
    }
}

/// The keys, read page by page.
pub(super) struct Items<'a> {
    at: &'a AtRevision,
    page: vec::IntoIter<Item>,
    next: Option<KeyRange>,
    limit: u32,
}

impl Items<'_> {
    /// The next page, and whether there was one to ask for.
    fn turn(&mut self) -> Result<bool> {
        let Some(range) = self.next.clone() else {
            return Ok(false);
        };
        let AtRevision {
            etcd,
            cancel,
            runtime,
            revision,
            cluster_id,
            ..
        } = self.at;
        let asking = etcd.keys_at(range.clone(), *revision, self.limit);
        let asking = cancel.run_until_cancelled(asking);
        let asked = runtime.block_on(asking).ok_or(Error::Interrupted)?;
        let page = match asked {
            Ok(page) => page,
            Err(error) if error.kind() == ErrorKind::TooLarge && self.limit > 1 => {
                self.limit /= 2;
                return Ok(true);
            }
            Err(source) if source.kind() == ErrorKind::Compacted => {
                let revision = *revision;
                return Err(Error::CompactedMeanwhile { revision, source });
            }
            Err(error) => return Err(Error::Etcd(error)),
        };
        if page.header.cluster_id != *cluster_id {
            return Err(Error::AnotherCluster {
                first: *cluster_id,
                then: page.header.cluster_id,
            });
        }
        let bytes = page
            .keys
            .iter()
            .map(|kv| kv.key.len() + kv.value.len())
            .sum();
        self.limit = adapted(self.limit, bytes);
        let last = page.keys.last().filter(|_| page.more);
        self.next = last.map(|last| KeyRange {
            // The first key that can come after it.
            first: Bytes::from([&last.key[..], b"\0"].concat()),
            end: range.end,
        });
        self.page = page.keys.into_iter();
        Ok(true)
    }
}

/// How many keys to ask for next.
fn adapted(limit: u32, bytes: usize) -> u32 {
    match bytes {
        _ if bytes > BYTES => (limit / 2).max(1),
        _ if bytes < BYTES / 4 => (limit * 2).min(PAGE.1),
        _ => limit,
    }
}

impl Iterator for Items<'_> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.page.next() {
                return Some(Ok(item));
            }
            match self.turn() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.next = None;
                    return Some(Err(error));
                }
            }
        }
    }
}
