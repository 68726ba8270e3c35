//! The v2 store: a tree of small files in which etcd kept membership up to 3.5.
//!
//! Written exactly as `etcdutl snapshot restore` 3.5.1 leaves it: as though each member had
//! been created in turn, the first at index 1. Go marshals the fields in this order
//! (server/etcdserver/api/v2store: store.go, node.go, event_queue.go, stats.go).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::go_json;
use crate::membership::{Member, PeerUrl};

/// Go's zero time: nothing here expires.
const NEVER: &str = "0001-01-01T00:00:00Z";
/// Slots of the ring in which the store remembers events.
const HISTORY: usize = 1000;

/// The store of a cluster just bootstrapped with these members, in ascending order of ids.
pub(crate) fn bootstrap_json(members: &[Member]) -> String {
    let created = members.len();
    let indexed = || (1u64..).zip(members);
    let mut events: Vec<Option<Event>> = indexed()
        .map(|(index, member)| Some(Event::create(member, index)))
        .collect();
    events.resize_with(created.max(HISTORY), || None);
    let directories = indexed()
        .map(|(index, member)| (member.id.to_string(), member_directory(member, index)))
        .collect();
    let cluster = Node::directory("/0", 0, named("members", "/0/members", 1, directories));
    let topmost = BTreeMap::from([
        ("0".to_owned(), cluster),
        ("1".to_owned(), Node::directory("/1", 0, BTreeMap::new())),
    ]);
    go_json::to_string(&Store {
        root: Node::directory("/", 0, topmost),
        watcher_hub: WatcherHub {
            event_history: EventHistory::of(events, created),
        },
        current_index: created,
        stats: Stats {
            create_success: created,
            ..Stats::default()
        },
        current_version: 2,
    })
}

fn member_directory(member: &Member, index: u64) -> Node {
    let file = Node {
        path: attributes_path(member),
        created_index: index,
        modified_index: index,
        expire_time: NEVER,
        value: attributes(member),
        children: None,
    };
    let children = BTreeMap::from([("raftAttributes".to_owned(), file)]);
    Node::directory(&format!("/0/members/{}", member.id), index, children)
}

fn attributes_path(member: &Member) -> String {
    format!("/0/members/{}/raftAttributes", member.id)
}

fn attributes(member: &Member) -> String {
    let peer_urls = member.peer_urls.iter().map(PeerUrl::as_str).collect();
    go_json::to_string(&RaftAttributes { peer_urls })
}

fn named(
    name: &str,
    path: &str,
    index: u64,
    children: BTreeMap<String, Node>,
) -> BTreeMap<String, Node> {
    BTreeMap::from([(name.to_owned(), Node::directory(path, index, children))])
}

impl Node {
    fn directory(path: &str, index: u64, children: BTreeMap<String, Self>) -> Self {
        Self {
            path: path.to_owned(),
            created_index: index,
            modified_index: index,
            expire_time: NEVER,
            value: String::new(),
            children: Some(children),
        }
    }
}

impl Event {
    fn create(member: &Member, index: u64) -> Self {
        let node = EventNode {
            key: attributes_path(member),
            value: attributes(member),
            modified_index: index,
            created_index: index,
        };
        Self {
            action: "create",
            node,
        }
    }
}

impl EventHistory {
    fn of(events: Vec<Option<Event>>, count: usize) -> Self {
        let capacity = events.len();
        let queue = EventQueue {
            events,
            size: count,
            front: 0,
            back: count % capacity,
            capacity,
        };
        Self {
            queue,
            start_index: 1,
            last_index: count,
        }
    }
}

#[derive(Serialize)]
struct RaftAttributes<'a> {
    #[serde(rename = "peerURLs")]
    peer_urls: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Store {
    root: Node,
    watcher_hub: WatcherHub,
    current_index: usize,
    stats: Stats,
    current_version: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    path: String,
    created_index: u64,
    modified_index: u64,
    expire_time: &'static str,
    value: String,
    children: Option<BTreeMap<String, Node>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WatcherHub {
    event_history: EventHistory,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EventHistory {
    queue: EventQueue,
    start_index: usize,
    last_index: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EventQueue {
    events: Vec<Option<Event>>,
    size: usize,
    front: usize,
    back: usize,
    capacity: usize,
}

#[derive(Serialize)]
struct Event {
    action: &'static str,
    node: EventNode,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventNode {
    key: String,
    value: String,
    modified_index: u64,
    created_index: u64,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Stats {
    gets_success: usize,
    gets_fail: usize,
    sets_success: usize,
    sets_fail: usize,
    delete_success: usize,
    delete_fail: usize,
    update_success: usize,
    update_fail: usize,
    create_success: usize,
    create_fail: usize,
    compare_and_swap_success: usize,
    compare_and_swap_fail: usize,
    compare_and_delete_success: usize,
    compare_and_delete_fail: usize,
    expire_count: usize,
    watchers: usize,
}
