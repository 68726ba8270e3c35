//! Answers, as values that were understood.

use snapstore::printable;

use super::client::Client;
use super::refusal::strange;
use super::rpc::Rpc;
use crate::answers::{Header, KeyValue, Member};
use crate::error::Result;
use crate::wire::{self, Headed, ResponseHeader};

impl Client {
    /// An answer with its header, which every understood answer has, and what `read` makes of both.
    pub(super) async fn understood<Q, A, T>(
        &self,
        rpc: Rpc,
        question: Q,
        read: impl FnOnce(Header, A) -> Result<T, String>,
    ) -> Result<T>
    where
        Q: prost::Message + Clone + Send + Sync + 'static,
        A: prost::Message + Headed + Default + Send + Sync + 'static,
    {
        let (member, answer): (_, A) = self.ask(rpc, question).await?;
        let header = answer.header().ok_or("there is no header in it".to_owned());
        let header = header.and_then(understood_header);
        let read = header.and_then(|header| read(header, answer));
        read.map_err(|why| strange(rpc.name, member.endpoint(), why))
    }
}

/// Every etcd has ids.
pub(super) fn understood_header(header: ResponseHeader) -> Result<Header, String> {
    let ResponseHeader {
        cluster_id,
        member_id,
        revision,
        raft_term,
    } = header;
    if cluster_id == 0 || member_id == 0 || revision < 0 {
        return Err(format!(
            "its header names cluster {cluster_id:x}, member {member_id:x}, revision {revision}"
        ));
    }
    Ok(Header {
        cluster_id,
        member_id,
        revision,
        raft_term,
    })
}

/// A size, which is not negative.
pub(super) fn size(what: &str, bytes: i64) -> Result<u64, String> {
    u64::try_from(bytes).map_err(|_| format!("{what} is {bytes}"))
}

/// A text that a version may leave out.
pub(super) fn text(text: &str) -> Option<String> {
    Some(printable(text)).filter(|text| !text.is_empty())
}

pub(super) fn key_value(kv: wire::kv::KeyValue) -> KeyValue {
    KeyValue {
        key: kv.key,
        value: kv.value,
        create_revision: kv.create_revision,
        mod_revision: kv.mod_revision,
        version: kv.version,
        lease: kv.lease,
    }
}

pub(super) fn member(member: wire::cluster::Member) -> Result<Member, String> {
    if member.id == 0 {
        return Err("it names a member without an id".to_owned());
    }
    let printable = |urls: Vec<String>| urls.iter().map(|url| printable(url)).collect();
    Ok(Member {
        id: member.id,
        name: snapstore::printable(&member.name),
        peer_urls: printable(member.peer_urls),
        client_urls: printable(member.client_urls),
        learner: member.is_learner,
    })
}
