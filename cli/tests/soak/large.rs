use base64_simd::STANDARD;
use serde_json::json;

use crate::load::{FIRST, Load};
use crate::pod::Pod;

/// Bytes of a large value.
const LARGE: usize = 200_000;

/// One large write through this member, as one of the load.
pub(crate) fn writes_much(load: &Load, pod: &Pod, random: &mut fastrand::Rng) {
    let (mut writes, key) = (load.paused(), format!("{FIRST}large"));
    let value: String = (0..LARGE).map(|_| random.alphanumeric()).collect();
    let [name, content] = [&key, &value].map(|text| STANDARD.encode_to_string(text));
    let told = pod.told("kv/put", &json!({"key": name, "value": content}));
    let revision = told.and_then(|told| told["header"]["revision"].as_str()?.parse().ok());
    match revision {
        Some(revision) => writes.taken(key.as_bytes(), Some(value.into()), revision),
        None => writes.unknown(key.as_bytes(), Some(value.into())),
    }
}
