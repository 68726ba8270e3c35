use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::snapshotter::{Snapshotter, leads_to, names};
use crate::support::Site;
use crate::support::cluster::{cluster, endpoints, hand_over, leader, put, send};

/// A cluster that changes its leader all the time, by agreement and because one does not answer: what is written goes into
/// one chain, without a full, a hole or a lineage for each election.
#[test]
fn leaders_that_flap_cost_no_revision_and_take_no_full() {
    let room = tempfile::tempdir().unwrap();
    let etcds = cluster("3.5.35", room.path());
    let site = Site::new();
    put(&etcds, b"begun", b"1");
    let all = endpoints(&etcds);
    let mut snapshotter = Snapshotter::start(&site, &etcds[0], &["--endpoints", &all]);
    snapshotter.stores(2);
    let mut last = 0;
    for round in 0..12_u8 {
        for key in 0..20_u8 {
            last = put(&etcds, &[b'k', key], &[round]);
        }
        let leads = leader(&etcds);
        match round % 3 {
            2 => {
                // Longer than an election takes. The member that is watched may be this one.
                send(&etcds[leads], Signal::STOP);
                thread::sleep(Duration::from_secs(3));
                send(&etcds[leads], Signal::CONT);
            }
            _ => hand_over(&etcds, leads, (leads + 1) % 3),
        }
    }
    snapshotter.stores(last);
    let run = snapshotter.stop();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    leads_to(&site, &etcds[leader(&etcds)], last);
    let fulls = names(&site);
    let fulls = fulls.iter().filter(|name| name.starts_with("Full"));
    assert_eq!(fulls.count(), 1, "{}", run.stderr);
    let list = site.run("list", &["-o", "json"]);
    let listed: Value = serde_json::from_str(&list.stdout).unwrap();
    let chains = listed["chains"].as_array().unwrap();
    assert_eq!(chains.len(), 1, "{listed}");
    assert_eq!(chains[0]["gap"], Value::Null, "{listed}");
    assert_eq!(chains[0]["to_revision"], last, "{listed}");
    assert_eq!(listed["lineages"], Value::Null, "{listed}");
}
