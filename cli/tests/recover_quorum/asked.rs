//! Members that answer, and not as was meant.

use serde_json::{Value, json};
use testkit::etcd::{Etcd, Member};
use testkit::oracles;

use crate::lost::{cluster, id_of, planned, put, run};
use crate::support::initialized::everything;

/// "The quorum is not lost" was the answer wherever somebody had typed the endpoints of another cluster: which is lost, and
/// whose, could not be told from it.
#[test]
fn another_cluster_says_nothing_of_this_one() {
    let room = tempfile::tempdir().unwrap();
    let (etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "key");
    for etcd in &etcds {
        etcd.kill_now().unwrap();
    }
    drop(etcds);
    let binary = oracles::etcd("3.5.35").unwrap();
    let other = Member::alone().unwrap();
    let other = Etcd::serving(&binary, &other, &room.path().join("other"), &[]).unwrap();
    let dirs = [&members[0].1, &members[1].1];
    let plan = planned(&dirs, &[]);
    let before = everything(dirs[0]);
    for typed in [&[][..], &["--cluster-id", id_of(&plan)]] {
        let asked = [&["--endpoints", other.client_url()], typed].concat();
        run(&dirs, &asked).failed_with(&[
            "answers for most members of cluster",
            id_of(&plan),
            "nothing is done",
        ]);
    }
    assert!(everything(dirs[0]) == before, "touched");
}

/// An etcd that wants a password refuses before it asks the others: whether it has a quorum is not known from that.
#[test]
fn a_refusal_for_want_of_a_password_is_no_answer() {
    let room = tempfile::tempdir().unwrap();
    let (mut etcds, members) = cluster("3.5.35", room.path());
    put(&etcds, "key");
    let ask = |etcd: &Etcd, rpc: &str, what: Value| etcd.ask(rpc, &what, None).unwrap();
    let root = json!({ "name": "root", "password": "secret" });
    let as_root = json!({ "user": "root", "role": "root" });
    ask(&etcds[0], "auth/user/add", root);
    ask(&etcds[0], "auth/role/add", json!({ "name": "root" }));
    ask(&etcds[0], "auth/user/grant", as_root);
    ask(&etcds[0], "auth/enable", json!({}));
    let gone = etcds.remove(2);
    gone.kill_now().unwrap();
    drop(gone);
    let dirs = [&members[2].1];
    let plan = planned(&dirs, &[]);
    let endpoint = etcds[0].client_url().to_owned();
    let typed = ["--endpoints", &endpoint, "--cluster-id", id_of(&plan)];
    let before = everything(dirs[0]);
    run(&dirs, &typed).failed_with(&["is not known, so nothing is done", "--etcd-username"]);
    assert!(everything(dirs[0]) == before, "touched");
    etcds[1].kill_now().unwrap();
    // With the password it is known: nobody answers for most members.
    let password = [
        "--endpoints",
        &endpoint,
        "--etcd-username",
        "root",
        "--etcd-password",
        "secret",
    ];
    let plan = planned(
        &dirs,
        &[&password[..], &["--etcd-connection-timeout", "2s"]].concat(),
    );
    assert_eq!(plan["no_answer"][0]["endpoint"], endpoint);
}
