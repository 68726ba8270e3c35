//! Keys, leases and compactions.

use bytes::Bytes;

use super::client::Client;
use super::rpc;
use super::understood::key_value;
use crate::answers::{Header, KeyValue, LeaseTime};
use crate::error::{ErrorKind, Result};
use crate::port::{Compaction, Read};
use crate::wire::kv::{CompactionRequest, CompactionResponse, RangeRequest, RangeResponse};
use crate::wire::lease::{
    LeaseLeasesRequest, LeaseLeasesResponse, LeaseTimeToLiveRequest, LeaseTimeToLiveResponse,
};

/// Any key will do to ask for a header: etcd refuses an empty one.
const ANY_KEY: &[u8] = b"\0";

/// As the end of a range: all keys from its beginning on (rpc.proto, `RangeRequest.range_end`).
const ALL_AFTER: &[u8] = b"\0";

impl Client {
    pub(super) async fn ask_head(&self, read: Read) -> Result<Header> {
        let question = RangeRequest {
            key: Bytes::from_static(ANY_KEY),
            serializable: read == Read::Local,
            count_only: true,
            ..RangeRequest::default()
        };
        let understood = |header: Header, _: RangeResponse| match header.revision {
            // An empty store is at revision 1.
            1.. => Ok(header),
            revision => Err(format!("the store is at revision {revision}")),
        };
        self.understood(rpc::RANGE, question, understood).await
    }

    pub(super) async fn ask_key(
        &self,
        key: Bytes,
        revision: i64,
        read: Read,
    ) -> Result<Option<KeyValue>> {
        let question = RangeRequest {
            key: key.clone(),
            revision,
            serializable: read == Read::Local,
            ..RangeRequest::default()
        };
        let understood = |_, said: RangeResponse| {
            let mut found = said.kvs.into_iter();
            let first = found.next();
            if found.next().is_some() || said.more {
                return Err("there are many keys in it, and one was asked for".to_owned());
            }
            if first.as_ref().is_some_and(|kv| kv.key != key) {
                return Err("it is about another key".to_owned());
            }
            Ok(first.map(key_value))
        };
        self.understood(rpc::RANGE, question, understood).await
    }

    pub(super) async fn ask_count(&self, revision: i64, read: Read) -> Result<u64> {
        let question = RangeRequest {
            key: Bytes::from_static(ANY_KEY),
            range_end: Bytes::from_static(ALL_AFTER),
            revision,
            serializable: read == Read::Local,
            count_only: true,
            ..RangeRequest::default()
        };
        let understood = |_, said: RangeResponse| {
            let count = u64::try_from(said.count);
            count.map_err(|_| format!("there are {} keys", said.count))
        };
        self.understood(rpc::RANGE, question, understood).await
    }

    pub(super) async fn do_compact(&self, revision: i64, wait: Compaction) -> Result<()> {
        let (rpc, physical) = match wait {
            Compaction::Decided => (rpc::COMPACT, false),
            Compaction::Done => (rpc::COMPACT_PHYSICALLY, true),
        };
        let question = CompactionRequest { revision, physical };
        self.understood(rpc, question, |_, _: CompactionResponse| Ok(()))
            .await
    }

    pub(super) async fn ask_leases(&self) -> Result<Vec<i64>> {
        let understood = |_, said: LeaseLeasesResponse| {
            let mut leases: Vec<_> = said.leases.iter().map(|lease| lease.id).collect();
            leases.sort_unstable();
            Ok(leases)
        };
        self.understood(rpc::LEASES, LeaseLeasesRequest {}, understood)
            .await
    }

    pub(super) async fn ask_lease_time(&self, id: i64) -> Result<Option<LeaseTime>> {
        let understood = |_, said: LeaseTimeToLiveResponse| match said {
            _ if said.id != id => Err(format!("it is about lease {:x}, not {id:x}", said.id)),
            said if said.ttl == -1 => Ok(None),
            said if said.granted_ttl < 1 => {
                let (granted, left) = (said.granted_ttl, said.ttl);
                Err(format!(
                    "it was granted for {granted} s and has {left} s left"
                ))
            }
            said => Ok(Some(LeaseTime {
                granted: said.granted_ttl,
                left: said.ttl,
            })),
        };
        let question = LeaseTimeToLiveRequest { id };
        let asked = self.understood(rpc::LEASE_TIME, question, understood);
        match asked.await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            asked => asked,
        }
    }
}
