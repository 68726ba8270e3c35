//! Every state that the page can show, made up.

mod stores;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use page::drill::Verdict;
use page::{
    Backups, Failing, Fault, Initialization, Known, Member, Newest, Proof, Restorable, Role,
    Sidecar, Taken, Word, Work,
    members::{ClusterMember, Said, Standing},
    work::{Bytes, Kind},
};

pub(crate) use stores::{
    drilled, empty, hostile, ordinary, several, unlisted, with_a_cut_full, with_gaps, without_a_key,
};

/// What time it is in all of them.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T14:03:31Z".parse().unwrap()
}

/// So many seconds before.
pub(crate) fn before(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn known(store: Option<page::Store>, sidecar: Option<Sidecar>) -> Known {
    Known {
        now: now(),
        version: "1.2.3".to_owned(),
        store,
        sidecar,
    }
}

/// A sidecar whose etcd leads and whose backups are as they should be.
fn leader() -> Sidecar {
    let taken = |name: &str, revision, seconds| {
        Some(Taken {
            name: name.to_owned(),
            revision,
            at: before(seconds),
        })
    };
    Sidecar {
        role: Role::Leader,
        etcd: Some(Ok(())),
        initialization: Initialization {
            state: Word::New,
            since: before(90_000),
            last_error: None,
        },
        backups: Backups {
            restorable: Some(Restorable {
                revision: 812_345,
                until: before(9),
            }),
            newest: Some(Newest {
                revision: 812_348,
                read_at: before(1),
            }),
            last_full: taken("Full-00000000-00796700-1795272811.gz", 796_700, 83_400),
            last_delta: taken("Incr-00812300-00812345-1795341802.gz", 812_345, 9),
            stored_at: Some(before(9)),
            next_full: Some(now() + SignedDuration::from_hours(23)),
            proofs: vec![Proof {
                tier: 2,
                revision: 811_990,
                at: before(1_500),
            }],
            failing: Vec::new(),
        },
        member: Some(member()),
        members: None,
        work: Vec::new(),
        delta_period: Some(Duration::from_secs(300)),
    }
}

fn member() -> Member {
    Member {
        id: "8e9e05c52164694d".to_owned(),
        cluster: "cdf818194e3a8c32".to_owned(),
        version: "3.6.16".to_owned(),
        is_learner: false,
        db_bytes: 48_000_000,
        db_bytes_in_use: 31_000_000,
        quota: Some(8_589_934_592),
        alarms: Vec::new(),
    }
}

/// Two that serve, and one that does not.
fn three_members() -> Vec<ClusterMember> {
    let stands = |revision| Said::Stands {
        revision,
        db_bytes: 48_000_000,
        at: before(4),
    };
    let silent = Said::Nothing {
        since: before(400),
        why: "connection refused".to_owned(),
    };
    [
        ("etcd-0", Standing::Leader, stands(812_348)),
        ("etcd-1", Standing::Follower, silent),
        ("etcd-2", Standing::Learner, stands(640_112)),
    ]
    .map(|(name, standing, said)| ClusterMember {
        name: name.to_owned(),
        standing,
        said,
    })
    .to_vec()
}

/// Under way for so many seconds; so many MiB are done, of so many.
fn work(kind: Kind, seconds: i64, mebibytes: Option<(u64, Option<u64>)>) -> Work {
    let mebibyte = 1 << 20;
    let bytes = mebibytes.map(|(done, of)| Bytes {
        done: done * mebibyte,
        of: of.map(|of| of * mebibyte),
        since: before(seconds),
    });
    Work {
        kind,
        since: before(seconds),
        bytes,
        part: None,
    }
}

/// One that knows nothing of backups.
fn other(role: Role, etcd: Option<Result<(), String>>) -> Sidecar {
    Sidecar {
        role,
        etcd,
        backups: Backups::default(),
        member: None,
        ..leader()
    }
}

fn refused() -> Fault {
    Fault {
        since: before(240),
        why: "list: unavailable: connection refused".to_owned(),
    }
}

fn store_down(store: page::Store) -> page::Store {
    page::Store {
        fault: Some(refused()),
        ..store
    }
}

/// Those of a store alone.
fn of_stores() -> Vec<(&'static str, Known)> {
    vec![
        ("a-store", known(Some(ordinary()), None)),
        ("a-store-with-gaps", known(Some(with_gaps()), None)),
        ("a-store-with-lineages", known(Some(several()), None)),
        ("a-store-that-is-empty", known(Some(empty()), None)),
        (
            "a-store-that-is-down",
            known(Some(store_down(ordinary())), None),
        ),
        (
            "a-store-with-a-full-that-was-cut",
            known(Some(with_a_cut_full()), None),
        ),
        (
            "a-store-after-a-drill",
            known(Some(drilled(Verdict::Passed, None)), None),
        ),
        (
            "a-store-whose-drill-failed",
            known(Some(drilled(Verdict::Failed, Some("no space left"))), None),
        ),
        (
            "a-store-whose-key-is-missing",
            known(Some(without_a_key()), None),
        ),
    ]
}

/// What a sidecar has stored, and the store does not hold any more.
fn of_what_was_deleted() -> Vec<(&'static str, Known)> {
    let mut idle = leader();
    idle.backups.last_delta.as_mut().unwrap().at = before(300);
    idle.backups.stored_at = Some(before(300));
    let mut failed = other(Role::Unknown, None);
    failed.initialization = Initialization {
        state: Word::Failed,
        since: before(10),
        last_error: Some("no state can be restored from what the store holds".to_owned()),
    };
    vec![
        (
            "leader-over-a-gap",
            known(Some(with_gaps()), Some(leader())),
        ),
        ("leader-over-nothing", known(Some(empty()), Some(idle))),
        (
            "leader-without-a-key",
            known(Some(without_a_key()), Some(leader())),
        ),
        (
            "a-restore-that-failed",
            known(Some(ordinary()), Some(failed)),
        ),
    ]
}

/// All of them, by name.
pub(crate) fn all() -> Vec<(&'static str, Known)> {
    let follower = Sidecar {
        backups: Backups {
            newest: leader().backups.newest,
            ..Backups::default()
        },
        member: Some(Member {
            is_learner: true,
            ..member()
        }),
        ..other(
            Role::Follower {
                leader: "https://etcd-main-0.etcd-main-peer.ns.svc:2379".to_owned(),
            },
            Some(Ok(())),
        )
    };
    let mut of_three = leader();
    of_three.members = Some(three_members());
    let restoring = Sidecar {
        initialization: Initialization {
            state: Word::Progress,
            since: before(42),
            last_error: None,
        },
        ..other(Role::Unknown, None)
    };
    let mut restoring_far = restoring.clone();
    restoring_far.work = vec![work(Kind::Initialization, 42, Some((180, Some(540))))];
    restoring_far.work[0].part = Some("the backups are fetched and written");
    let mut at_work = leader();
    at_work.work = vec![
        work(Kind::Full, 30, Some((12, Some(48)))),
        work(Kind::Delta, 1, None),
        work(Kind::Copy, 600, Some((700, Some(600)))),
    ];
    let mut troubled = leader();
    troubled.backups.failing = ["delta", "proof", "second store"]
        .map(|what| Failing {
            what: what.to_owned(),
            fault: refused(),
        })
        .to_vec();
    troubled.backups.restorable = Some(Restorable {
        revision: 811_000,
        until: before(1_200),
    });
    let behind = Known {
        now: before(1_900),
        ..known(Some(ordinary()), None)
    };
    let mut silent = other(Role::Unknown, Some(Err("connection refused".to_owned())));
    silent.backups.failing = vec![Failing {
        what: "etcd".to_owned(),
        fault: refused(),
    }];
    let mut states = of_stores();
    states.extend(of_what_was_deleted());
    states.extend([
        (
            "no-store",
            known(None, Some(other(Role::Leader, Some(Ok(()))))),
        ),
        (
            "not-listed-yet",
            known(Some(unlisted()), Some(other(Role::Unknown, None))),
        ),
        ("before-etcd", known(Some(ordinary()), Some(silent))),
        (
            "before-etcd-of-a-new-cluster",
            known(Some(empty()), Some(other(Role::Unknown, None))),
        ),
        ("restoring", known(Some(ordinary()), Some(restoring))),
        (
            "restoring-with-numbers",
            known(Some(ordinary()), Some(restoring_far)),
        ),
        ("leader", known(Some(ordinary()), Some(leader()))),
        ("leader-of-three", known(Some(ordinary()), Some(of_three))),
        ("leader-at-work", known(Some(ordinary()), Some(at_work))),
        (
            "leader-with-troubles",
            known(Some(store_down(ordinary())), Some(troubled)),
        ),
        ("follower", known(Some(ordinary()), Some(follower))),
        ("clock-behind", behind),
        ("hostile-names", known(Some(hostile()), None)),
    ]);
    states
}
