//! Whether the objects of a chain are those that were stored one after the other.

use std::collections::BTreeMap;

use super::catalogue::Snapshot;
use super::error::{Error, Result};
use super::plan::Plan;

/// Whether the objects of a chain are those after which the next ones were stored, as far as that was noted: an object that was
/// replaced together with its metadata is not.
///
/// Errors: [`Error::NotAsNoted`].
pub(crate) fn check_order(plan: &Plan) -> Result<()> {
    let by_name: BTreeMap<&str, &Snapshot> = plan
        .objects()
        .map(|object| (object.key().file_name(), object))
        .collect();
    for object in plan.objects() {
        let noted = object.noted.as_ref();
        let Some(previous) = noted.and_then(|noted| noted.previous.as_ref()) else {
            continue;
        };
        let Some(found) = by_name.get(previous.snapshot.as_str()) else {
            continue;
        };
        let is = found.noted.as_ref().and_then(|noted| noted.stored.as_ref());
        if let (Some(is), Some(was)) = (is, &previous.stored_sha256)
            && !is.eq_ignore_ascii_case(was)
        {
            let what = format!(
                "its metadata says that it has SHA-256 {is}, and {} was stored after one that had {was}: it was replaced",
                object.key()
            );
            return Err(Error::not_as_noted(found.key(), what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backups::chain_tests::catalogue;
    use crate::backups::metadata::Previous;
    use crate::backups::noted::Noted;
    use crate::backups::plan::Stop;

    const FULL: &str = "Full-00000000-00000010-1";
    const DELTA: &str = "Incr-00000011-00000020-2";

    fn snapshot(name: &str, noted: Noted) -> Snapshot {
        let mut snapshot = catalogue(&[name]).snapshots[0].clone();
        snapshot.noted = Some(Arc::new(noted));
        snapshot
    }

    fn after(previous: &str, sum: &str) -> Noted {
        Noted {
            previous: Some(Previous {
                snapshot: previous.to_owned(),
                stored_sha256: Some(sum.to_owned()),
            }),
            ..Noted::default()
        }
    }

    fn stored(sum: &str) -> Noted {
        Noted {
            stored: Some(sum.to_owned()),
            ..Noted::default()
        }
    }

    /// A full was replaced by that of another cluster, together with its metadata: what was stored after it tells.
    #[test]
    fn a_replaced_object_is_told_by_the_next_one() {
        let (was, is) = ("ab".repeat(32), "cd".repeat(32));
        let chain = |of_full: Noted, of_delta: Noted| {
            check_order(&Plan {
                base: Some(snapshot(FULL, of_full)),
                deltas: vec![snapshot(DELTA, of_delta)],
                stop: Stop::End,
            })
        };
        let error = chain(stored(&is), after(FULL, &was)).unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, Error::NotAsNoted { .. }), "{told}");
        for part in [FULL, DELTA, &was, &is] {
            assert!(told.contains(part), "{told}");
        }
        chain(stored(&was), after(FULL, &was)).unwrap();
        chain(stored(&was.to_uppercase()), after(FULL, &was)).unwrap();
        // What is not known is not compared: another program's full, and an object that is gone.
        chain(Noted::default(), after(FULL, &was)).unwrap();
        chain(stored(&is), after("Full-00000000-00000009-1", &was)).unwrap();
    }
}
