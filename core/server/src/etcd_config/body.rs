//! The configuration of one member, made of the one that is mounted for all: pure.

use super::document::{Document, Urls};
use super::error::Error;
use super::node::{Node, write_text};
use crate::ports::ClusterFacts;

/// The member of a pod: its name, after `member-name-prefix` where there is one.
///
/// Errors: [`Error::Key`] for a prefix that is no text.
pub fn member_name(document: &Document, pod: &str) -> Result<String, Error> {
    Ok(match document.text("member-name-prefix")? {
        Some(prefix) => format!("{prefix}-{pod}"),
        None => pod.to_owned(),
    })
}

/// The body of `/config` for the member of this pod. Keys that are not known stay as they are, in their place.
///
/// Errors: [`Error::Missing`], [`Error::Key`].
pub fn body(document: &Document, pod: &str, facts: &ClusterFacts) -> Result<String, Error> {
    let name = member_name(document, pod)?;
    let joined = |urls: Urls| Ok(document.urls_of(&name, urls)?.join(","));
    let own = [
        ("name", name.clone()),
        (Urls::Peer.key(), joined(Urls::Peer)?),
        (Urls::Client.key(), joined(Urls::Client)?),
        ("initial-cluster", initial_cluster(document, &name, facts)?),
        ("initial-cluster-state", facts.state.as_str().to_owned()),
    ];
    let mut text = String::new();
    let is_own = |key: &str| own.iter().find(|(name, _)| *name == key);
    for entry in &document.entries {
        match is_own(&entry.key) {
            Some((key, value)) => line(key, &Node::Text(value.clone()), &mut text),
            None => line(&entry.key, &entry.value, &mut text),
        }
    }
    for (key, value) in &own {
        if document.entries.iter().all(|entry| entry.key != *key) {
            line(key, &Node::Text(value.clone()), &mut text);
        }
    }
    Ok(text)
}

/// The members that the cluster has now, and this one: etcd does not start with more than there are.
fn initial_cluster(document: &Document, name: &str, facts: &ClusterFacts) -> Result<String, Error> {
    let all = document.initial_cluster()?;
    let is_member = |member: &str| match &facts.members {
        // One alone was never told of others.
        Some(members) if members.len() > 1 => {
            member == name || members.iter().any(|one| one == member)
        }
        _ => true,
    };
    let kept = all.into_iter().filter(|(member, _)| is_member(member));
    let kept: Vec<_> = kept.map(|(_, member)| member).collect();
    Ok(kept.join(","))
}

fn line(key: &str, value: &Node, to: &mut String) {
    // A name that no reader takes for anything else.
    let is_plain = key.contains('-') && key.starts_with(|c: char| c.is_ascii_lowercase());
    let is_plain = is_plain && key.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    match is_plain || key == "name" {
        true => to.push_str(key),
        false => write_text(key, to),
    }
    to.push_str(": ");
    value.write(to);
    to.push('\n');
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
