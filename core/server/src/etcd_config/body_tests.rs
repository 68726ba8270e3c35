use super::*;
use crate::ports::ClusterState;
use proptest::prelude::*;

/// As etcd-druid writes it for three members, with a key that is not known here.
const DRUID: &str = r#"name: etcd-config
data-dir: /var/etcd/data/new.etcd
metrics: extensive
snapshot-count: 10000
enable-v2: false
quota-backend-bytes: 8589934592
initial-cluster-token: etcd-cluster
initial-cluster-state: new
initial-cluster: etcd-main-0=https://etcd-main-0.etcd-main-peer.ns.svc:2380,etcd-main-1=https://etcd-main-1.etcd-main-peer.ns.svc:2380,etcd-main-2=https://etcd-main-2.etcd-main-peer.ns.svc:2380
auto-compaction-mode: periodic
auto-compaction-retention: 30m
some-day: {later: [1, 2.5, "yes", null, true], b: -7}
listen-peer-urls: https://0.0.0.0:2380
listen-client-urls: https://0.0.0.0:2379
initial-advertise-peer-urls:
  etcd-main-0:
  - https://etcd-main-0.etcd-main-peer.ns.svc:2380
  etcd-main-1:
  - https://etcd-main-1.etcd-main-peer.ns.svc:2380
  - https://other:2380
  etcd-main-2:
  - https://etcd-main-2.etcd-main-peer.ns.svc:2380
advertise-client-urls:
  etcd-main-0:
  - https://etcd-main-0.etcd-main-peer.ns.svc:2379
  etcd-main-1:
  - https://etcd-main-1.etcd-main-peer.ns.svc:2379
  etcd-main-2:
  - https://etcd-main-2.etcd-main-peer.ns.svc:2379
client-transport-security:
  client-cert-auth: true
  trusted-ca-file: /var/etcd/ssl/ca/ca.crt
  auto-tls: false
"#;

fn facts(state: ClusterState, members: Option<&[&str]>) -> ClusterFacts {
    let members = members.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
    ClusterFacts { state, members }
}

fn made(text: &str, pod: &str, facts: &ClusterFacts) -> String {
    body(&Document::parse(text).unwrap(), pod, facts).unwrap()
}

/// What etcd reads.
fn value(body: &str, key: &str) -> serde_json::Value {
    let read: serde_json::Value = serde_saphyr::from_str(body).unwrap();
    read[key].clone()
}

#[test]
fn each_member_gets_what_is_its_own() {
    let body = made(DRUID, "etcd-main-1", &facts(ClusterState::New, None));
    let expected = r#"name: "etcd-main-1"
data-dir: "/var/etcd/data/new.etcd"
"metrics": "extensive"
snapshot-count: 10000
"enable-v2": false
quota-backend-bytes: 8589934592
initial-cluster-token: "etcd-cluster"
initial-cluster-state: "new"
initial-cluster: "etcd-main-0=https://etcd-main-0.etcd-main-peer.ns.svc:2380,etcd-main-1=https://etcd-main-1.etcd-main-peer.ns.svc:2380,etcd-main-2=https://etcd-main-2.etcd-main-peer.ns.svc:2380"
auto-compaction-mode: "periodic"
auto-compaction-retention: "30m"
some-day: {"later": [1, 2.5, "yes", null, true], "b": -7}
listen-peer-urls: "https://0.0.0.0:2380"
listen-client-urls: "https://0.0.0.0:2379"
initial-advertise-peer-urls: "https://etcd-main-1.etcd-main-peer.ns.svc:2380,https://other:2380"
advertise-client-urls: "https://etcd-main-1.etcd-main-peer.ns.svc:2379"
client-transport-security: {"client-cert-auth": true, "trusted-ca-file": "/var/etcd/ssl/ca/ca.crt", "auto-tls": false}
"#;
    assert_eq!(body, expected);
}

/// The third member joins while the cluster has two: etcd compares the number of both and does not start.
#[test]
fn only_members_stand_in_the_initial_cluster() {
    let two = facts(
        ClusterState::Existing,
        Some(&["etcd-main-0", "etcd-main-1"]),
    );
    let members = |body: &str| {
        let cluster = value(body, "initial-cluster");
        let members = cluster.as_str().unwrap().split(',');
        members
            .map(|member| member.split('=').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let first = made(DRUID, "etcd-main-0", &two);
    assert_eq!(members(&first), ["etcd-main-0", "etcd-main-1"]);
    assert_eq!(value(&first, "initial-cluster-state"), "existing");
    // Who joins is no member yet, or one without a name.
    let third = made(DRUID, "etcd-main-2", &two);
    assert_eq!(members(&third).len(), 3);
    // One alone: the first of a bootstrap.
    let one = facts(ClusterState::New, Some(&["etcd-main-0"]));
    assert_eq!(members(&made(DRUID, "etcd-main-0", &one)).len(), 3);
}

#[test]
fn a_prefix_is_part_of_the_name() {
    let text = DRUID
        .replace("etcd-main-", "blue-etcd-main-")
        .replace("metrics: extensive", "member-name-prefix: blue");
    let body = made(&text, "etcd-main-1", &facts(ClusterState::New, None));
    assert_eq!(value(&body, "name"), "blue-etcd-main-1");
    assert!(
        value(&body, "advertise-client-urls")
            .as_str()
            .unwrap()
            .contains("blue-etcd-main-1")
    );
    for none in ["\"\"", "null", "~"] {
        let text = DRUID.replace("extensive", &format!("x\nmember-name-prefix: {none}"));
        let body = made(&text, "etcd-main-1", &facts(ClusterState::New, None));
        assert_eq!(value(&body, "name"), "etcd-main-1");
    }
}

/// As the chart of the reference writes it for one.
#[test]
fn plain_urls_are_of_whoever_asks() {
    let text = "initial-advertise-peer-urls: http://0.0.0.0:2380\nadvertise-client-urls: [http://a:1, http://b:2]\ninitial-cluster: etcd=http://0.0.0.0:2380\n";
    let body = made(text, "pod-0", &facts(ClusterState::New, None));
    assert_eq!(
        value(&body, "initial-advertise-peer-urls"),
        "http://0.0.0.0:2380"
    );
    assert_eq!(
        value(&body, "advertise-client-urls"),
        "http://a:1,http://b:2"
    );
    assert_eq!(value(&body, "name"), "pod-0");
    assert_eq!(value(&body, "initial-cluster-state"), "new");
}

#[test]
fn an_error_names_key_and_line() {
    let wrong = |from: &str, to: &str, pod: &str| {
        let text = DRUID.replace(from, to);
        let document = Document::parse(&text);
        let made =
            document.and_then(|document| body(&document, pod, &facts(ClusterState::New, None)));
        made.unwrap_err().to_string()
    };
    let missing = wrong("", "", "etcd-main-7");
    assert!(missing.contains("line 16"), "{missing}");
    assert!(
        missing.contains("initial-advertise-peer-urls") && missing.contains("etcd-main-7"),
        "{missing}"
    );
    assert!(
        missing.contains("but etcd-main-0, etcd-main-1, etcd-main-2"),
        "{missing}"
    );
    let number = wrong("- https://other:2380", "- 7", "etcd-main-1");
    assert!(
        number.contains("line 16") && number.contains("a number"),
        "{number}"
    );
    let cluster = wrong(
        "etcd-main-2=https://",
        "etcd-main-2:https://",
        "etcd-main-1",
    );
    assert!(
        cluster.contains("line 9: initial-cluster:") && cluster.contains("NAME=URL"),
        "{cluster}"
    );
    let gone = wrong("advertise-client-urls", "x-client-urls", "etcd-main-1");
    assert_eq!(gone, "etcd's configuration has no advertise-client-urls");
    let prefix = wrong(
        "metrics: extensive",
        "member-name-prefix: [1]",
        "etcd-main-1",
    );
    assert!(
        prefix.contains("line 3: member-name-prefix: it is a list"),
        "{prefix}"
    );
}

/// A file that was written half, or is something else, must not become a configuration of half of its keys.
#[test]
fn what_is_no_configuration_is_refused() {
    for text in [
        "",
        "- a",
        "7",
        "a: 1\na: 2",
        "a: [1, 2",
        "a: 1\n---\nb: 2",
        "a: *b",
        "\u{0}",
        "a:\tb: c",
    ] {
        let read = Document::parse(text);
        assert!(
            matches!(read, Err(Error::Syntax { .. })),
            "{text:?}: {read:?}"
        );
    }
    let secret = Document::parse("client-transport-security: {key: hunter2\nx").unwrap_err();
    assert!(!secret.to_string().contains("hunter2"), "{secret}");
    let deep = format!("a: {}", "[".repeat(5000));
    assert!(Document::parse(&deep).is_err());
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
    assert!(Document::parse(bomb).is_err());
}

#[test]
fn the_size_is_that_of_the_whole_cluster() {
    let document = Document::parse(DRUID).unwrap();
    assert_eq!(document.cluster_size(), Ok(3));
    assert_eq!(document.client_urls().unwrap().len(), 3);
    let twice = Document::parse("initial-cluster: a=http://x,a=http://y, b=http://z\n").unwrap();
    assert_eq!(twice.cluster_size(), Ok(2));
    assert!(
        Document::parse("initial-cluster: ''")
            .unwrap()
            .cluster_size()
            .is_err()
    );
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::Null),
        any::<bool>().prop_map(Node::Boolean),
        any::<i64>().prop_map(|value| Node::Integer(value.into())),
        any::<u64>().prop_map(|value| Node::Integer(value.into())),
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(Node::Float),
        any::<String>().prop_map(Node::Text),
        "(yes|no|on|off|y|n|~|null|0x1f|1e3|0600|8589934592|1:30|=|<<|- a|a: b|# c)"
            .prop_map(Node::Text),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = any::<String>();
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Node::List),
            proptest::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| Node::Map(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever stands in the mounted file: what etcd reads is the same, in value and in type.
    #[test]
    fn what_is_not_known_stays_what_it_is(nodes in proptest::collection::vec(node(), 0..6)) {
        let mut text = String::new();
        for (index, node) in nodes.iter().enumerate() {
            line(&format!("key-{}", ["a", "b", "c", "d", "e", "f"][index]), node, &mut text);
        }
        text.push_str("initial-advertise-peer-urls: http://a:1\nadvertise-client-urls: http://a:2\ninitial-cluster: a=http://a:1\n");
        let read = Document::parse(&text).unwrap();
        let values: Vec<_> = read.entries.iter().take(nodes.len()).map(|entry| entry.value.clone()).collect();
        prop_assert_eq!(&values, &nodes);
        let made = body(&read, "a", &facts(ClusterState::New, None)).unwrap();
        let again = Document::parse(&made).unwrap();
        let values: Vec<_> = again.entries.iter().take(nodes.len()).map(|entry| entry.value.clone()).collect();
        prop_assert_eq!(&values, &nodes);
        prop_assert!(made.is_ascii() && made.lines().count() == nodes.len() + 5);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9:\\-\\[\\]{}&*!|>'\"#%@`, \n\t]{0,120}") {
        if let Ok(document) = Document::parse(&text) {
            let _ = body(&document, "a", &facts(ClusterState::New, None));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(text: String) {
        if let Ok(document) = Document::parse(&text) {
            let _ = body(&document, "a", &facts(ClusterState::New, None));
        }
    }
}
