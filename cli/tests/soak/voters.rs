use serde_json::json;

use crate::pod::Pod;

/// How many members vote, by the word of this one; `None` where it does not say, or another is about to join.
pub(crate) fn voters(pod: &Pod) -> Option<usize> {
    let listed = pod.told("cluster/member/list", &json!({}))?;
    let listed = listed["members"].as_array()?;
    let learns = listed.iter().any(|member| member["isLearner"] == true);
    (!learns).then_some(listed.len())
}
