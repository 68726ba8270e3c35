use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::course::Course;
use crate::support::Site;

/// As many at once.
const AT_ONCE: usize = 2;

/// Every snapshot that was acknowledged restores, to the hash that etcd had when it was taken, and has now.
pub(crate) fn all_lead_to_what_etcd_had(site: &Site, course: &Course<'_>) {
    let all: Vec<_> = course.snapshots.iter().collect();
    let lineages = lineages(site);
    println!(
        "{} snapshots are restored, of {} lineages",
        all.len(),
        lineages.len().max(1)
    );
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((name, (revision, hash))) =
                    all.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    assert_eq!(restored(site, *revision, &lineages), Ok(*hash), "{name}");
                    let now = course.pods[0].hash_kv(*revision);
                    assert_eq!(now, *hash, "{name}: etcd has another history now");
                }
            });
        }
    });
}

/// The lineages of the store, by id; none where there is one.
///
/// A sidecar that has read what a fault took away again begins one: what it had read is of no etcd any more.
fn lineages(site: &Site) -> Vec<String> {
    let list = site.run("list", &["-o", "json"]);
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    let listed: Value = serde_json::from_str(&list.stdout).unwrap();
    let ids = listed["lineages"].as_array().into_iter().flatten();
    ids.map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The hash of this revision, in the newest lineage that leads there; why none does.
fn restored(site: &Site, revision: i64, lineages: &[String]) -> Result<u32, String> {
    let text = revision.to_string();
    let verify = |lineage: &[&str]| {
        let run = site.run(
            "verify",
            &[&["-o", "json", "--to-revision", &text], lineage].concat(),
        );
        if run.code != Some(0) {
            return Err(run.stderr);
        }
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["revision"], revision, "{report}");
        Ok(u32::try_from(report["hash_kv"].as_u64().unwrap()).unwrap())
    };
    let newest = verify(&[]);
    let others = lineages.iter().map(|id| verify(&["--lineage", id]));
    match newest {
        Ok(hash) => Ok(hash),
        Err(why) => others.into_iter().find_map(Result::ok).ok_or(why),
    }
}
