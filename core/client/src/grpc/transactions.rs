//! Many keys at once: pages of them, and transactions.

use bytes::Bytes;

use super::client::Client;
use super::rpc;
use super::understood::key_value;
use crate::answers::{Header, KeyPage, KeyValue, Written};
use crate::error::Result;
use crate::transaction::{KeyChange, KeyRange, Write};
use crate::wire::kv::{RangeRequest, RangeResponse};
use crate::wire::txn::{
    Compare, DeleteRangeRequest, MOD, PutRequest, RequestOp, TxnRequest, TxnResponse,
};

impl Client {
    pub(super) async fn ask_keys(
        &self,
        range: KeyRange,
        revision: i64,
        limit: u32,
    ) -> Result<KeyPage> {
        let question = RangeRequest {
            key: range.first.clone(),
            range_end: range.end.clone(),
            limit: i64::from(limit),
            revision,
            ..RangeRequest::default()
        };
        let understood = |header, said: RangeResponse| {
            let keys = said.kvs.into_iter().map(key_value).collect();
            let page = KeyPage {
                header,
                keys,
                more: said.more,
            };
            is_of(&range, revision, limit, &page)?;
            Ok(page)
        };
        self.understood(rpc::RANGE, question, understood).await
    }

    pub(super) async fn do_write(&self, writes: Vec<Write>) -> Result<Written> {
        let keys: Vec<Bytes> = writes.iter().map(|write| write.key.clone()).collect();
        let question = TxnRequest {
            compare: writes.iter().map(as_seen).collect(),
            failure: keys.iter().map(look_at).collect(),
            success: writes.into_iter().map(operation).collect(),
        };
        let understood = |header: Header, said: TxnResponse| match said.succeeded {
            true => Ok(Written::At(header.revision)),
            false => found(&keys, said).map(Written::NotAsDemanded),
        };
        self.understood(rpc::TXN, question, understood).await
    }
}

/// Whether a page is what was asked for. One that is not would leave keys out, or make others of them.
fn is_of(range: &KeyRange, revision: i64, limit: u32, page: &KeyPage) -> Result<(), String> {
    let revision = match revision {
        0 => page.header.revision,
        revision => revision,
    };
    let is_within = |key: &Bytes| match &*range.end {
        [] => *key == range.first,
        [0] => *key >= range.first,
        end => *key >= range.first && &**key < end,
    };
    let strange = |kv: &&KeyValue| !is_within(&kv.key) || kv.mod_revision > revision;
    if let Some(kv) = page.keys.iter().find(strange) {
        let (key, at) = (kv.key.escape_ascii(), kv.mod_revision);
        return Err(format!(
            "there is the key \"{key}\" of revision {at} in it, which was not asked for"
        ));
    }
    if !page.keys.is_sorted_by(|one, next| one.key < next.key) {
        return Err("its keys are not in order".to_owned());
    }
    match (page.keys.len(), page.more) {
        (0, true) => Err("there is no key in it, but more are said to follow".to_owned()),
        (keys, _) if keys > limit as usize => Err(format!(
            "there are {keys} keys in it, and {limit} were asked for"
        )),
        _ => Ok(()),
    }
}

fn as_seen(write: &Write) -> Compare {
    Compare {
        target: MOD,
        key: write.key.clone(),
        mod_revision: Some(write.seen),
    }
}

fn look_at(key: &Bytes) -> RequestOp {
    let range = RangeRequest {
        key: key.clone(),
        keys_only: true,
        ..RangeRequest::default()
    };
    RequestOp {
        range: Some(range),
        ..RequestOp::default()
    }
}

fn operation(write: Write) -> RequestOp {
    let key = write.key;
    match write.change {
        KeyChange::Put(value) => RequestOp {
            put: Some(PutRequest { key, value }),
            ..RequestOp::default()
        },
        KeyChange::Delete => RequestOp {
            delete: Some(DeleteRangeRequest { key }),
            ..RequestOp::default()
        },
    }
}

/// The revision that last wrote each of `keys`, by the answers to those who looked at them.
fn found(keys: &[Bytes], said: TxnResponse) -> Result<Vec<(Bytes, i64)>, String> {
    let (asked, answers) = (keys.len(), said.responses.len());
    if asked != answers {
        return Err(format!(
            "there are {answers} answers in it to {asked} questions"
        ));
    }
    let one = |(key, answer): (&Bytes, crate::wire::txn::ResponseOp)| {
        let range = answer
            .range
            .ok_or_else(|| "an answer in it is not about a key".to_owned())?;
        match &*range.kvs {
            [] => Ok((key.clone(), 0)),
            [kv] if kv.key == *key && kv.mod_revision > 0 => Ok((key.clone(), kv.mod_revision)),
            _ => Err("an answer in it is about another key".to_owned()),
        }
    };
    keys.iter().zip(said.responses).map(one).collect()
}
