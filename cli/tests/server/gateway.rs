//! What a pod's etcd is asked, over its JSON gateway.

use std::cell::RefCell;

use base64_simd::STANDARD;
use serde_json::{Value, json};

use crate::http::Answer;
use crate::pod::Pod;

impl Pod {
    fn asked(&self, rpc: &str, request: &Value) -> Option<Answer> {
        let path = format!("/v3/{rpc}");
        self.ask_etcd("POST", &path, &request.to_string())
    }

    /// etcd's JSON gateway.
    pub(crate) fn etcd(&self, rpc: &str, request: &Value) -> Value {
        let answer = self.asked(rpc, request).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The same; `None` where it does not answer, or refuses, as a learner does.
    pub(crate) fn told(&self, rpc: &str, request: &Value) -> Option<Value> {
        let answer = self.asked(rpc, request)?;
        (answer.status == 200).then(|| serde_json::from_str(&answer.body).unwrap())
    }

    /// Whether it serves, and has what was written up to this revision.
    pub(crate) fn has_revision(&self, wanted: i64) -> bool {
        let told = self.told("kv/range", &json!({"key": "AA=="}));
        told.is_some_and(|told| revision(&told) >= wanted)
    }

    /// What it answers as soon as it does: for a while after a member was killed there may be no leader.
    pub(crate) fn etcd_at_last(&self, rpc: &str, request: &Value) -> Value {
        let told = RefCell::new(None);
        self.until(rpc, |pod| {
            *told.borrow_mut() = pod.told(rpc, request);
            told.borrow().is_some()
        });
        told.into_inner().unwrap()
    }

    /// The same, as soon as etcd does it: a cluster that has just come together changes no members for some seconds.
    pub(crate) fn etcd_takes(&self, rpc: &str, request: &Value) {
        self.until(rpc, |pod| {
            let answer = pod.asked(rpc, request);
            answer.is_some_and(|answer| answer.status == 200)
        });
    }

    /// The revision of a put.
    pub(crate) fn put(&self, key: &str, value: &str) -> i64 {
        let (key, value) = (
            STANDARD.encode_to_string(key),
            STANDARD.encode_to_string(value),
        );
        revision(&self.etcd_at_last("kv/put", &json!({"key": key, "value": value})))
    }

    pub(crate) fn value(&self, key: &str) -> Option<String> {
        let found = self.told("kv/range", &json!({"key": STANDARD.encode_to_string(key)}))?;
        let value = STANDARD
            .decode_to_vec(found["kvs"][0]["value"].as_str()?)
            .unwrap();
        Some(String::from_utf8(value).unwrap())
    }

    pub(crate) fn revision(&self) -> i64 {
        revision(&self.etcd("kv/range", &json!({"key": "AA=="})))
    }
}

fn revision(answer: &Value) -> i64 {
    answer["header"]["revision"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}
