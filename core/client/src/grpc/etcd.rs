use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::client::Client;
use super::connect::Use;
use crate::answers::{
    Alarm, AuthState, HashKv, Header, KeyPage, KeyValue, LeaseTime, Member, Members, Status,
    Written,
};
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::port::{Compaction, Etcd, Read, Vote};
use crate::snapshot::SnapshotStream;
use crate::transaction::{KeyRange, Write};
use crate::watch::{WatchFrom, WatchStream};

#[async_trait]
impl Etcd for Client {
    fn at(&self, endpoint: &Endpoint) -> Arc<dyn Etcd> {
        Arc::new(self.with(endpoint))
    }

    fn endpoint(&self) -> Endpoint {
        self.sticky().now().endpoint().clone()
    }

    async fn status(&self) -> Result<Status> {
        self.ask_status().await
    }

    async fn members(&self, read: Read) -> Result<Members> {
        self.ask_members(read).await
    }

    async fn head(&self, read: Read) -> Result<Header> {
        self.ask_head(read).await
    }

    async fn key_at(&self, key: Bytes, revision: i64, read: Read) -> Result<Option<KeyValue>> {
        self.ask_key(key, revision, read).await
    }

    async fn count_at(&self, revision: i64, read: Read) -> Result<u64> {
        self.ask_count(revision, read).await
    }

    async fn keys_at(&self, range: KeyRange, revision: i64, limit: u32) -> Result<KeyPage> {
        self.ask_keys(range, revision, limit).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<Written> {
        self.do_write(writes).await
    }

    async fn snapshot(&self) -> Result<Box<dyn SnapshotStream>> {
        self.open_snapshot().await
    }

    async fn watch(&self, from: WatchFrom) -> Result<Box<dyn WatchStream>> {
        Ok(Box::new(self.open_watch(from, Use::Watch).await?))
    }

    async fn compacted(&self) -> Result<Option<i64>> {
        self.ask_compacted().await
    }

    async fn hash_kv(&self, revision: i64) -> Result<HashKv> {
        self.ask_hash(revision).await
    }

    async fn leases(&self) -> Result<Vec<i64>> {
        self.ask_leases().await
    }

    async fn lease_time(&self, id: i64) -> Result<Option<LeaseTime>> {
        self.ask_lease_time(id).await
    }

    async fn auth(&self) -> Result<AuthState> {
        self.ask_auth().await
    }

    async fn alarms(&self) -> Result<Vec<Alarm>> {
        self.ask_alarms().await
    }

    async fn disarm(&self, alarm: Alarm) -> Result<()> {
        self.take_alarm_back(alarm).await
    }

    async fn compact(&self, revision: i64, wait: Compaction) -> Result<()> {
        self.do_compact(revision, wait).await
    }

    async fn defragment(&self) -> Result<()> {
        self.do_defragment().await
    }

    async fn move_leader(&self, to: u64) -> Result<()> {
        self.do_move_leader(to).await
    }

    async fn add_member(&self, peer_urls: Vec<String>, vote: Vote) -> Result<Member> {
        self.do_add(peer_urls, vote).await
    }

    async fn remove_member(&self, id: u64) -> Result<()> {
        self.do_remove(id).await
    }

    async fn update_member(&self, id: u64, peer_urls: Vec<String>) -> Result<()> {
        self.do_update(id, peer_urls).await
    }

    async fn promote_member(&self, id: u64) -> Result<()> {
        self.do_promote(id).await
    }
}
