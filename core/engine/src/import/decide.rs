//! Whether a full may come into a store beside what is there: decided from names alone.

use jiff::Timestamp;

use super::error::{Error, Result};
use crate::backups::SnapshotName;
use crate::backups::branches::Holdings;
use crate::backups::metadata::Lineage;

/// What to tell where the full is not the newest state.
///
/// Errors: `WouldBeNewest` where it would be, and whoever restores without asking for more would get it in the place of what is
/// newest now.
pub(super) fn beside(holdings: &Holdings, name: &SnapshotName) -> Result<Option<String>> {
    let Some(newest) = holdings.newest() else {
        return Ok(None);
    };
    let (end, last) = (
        newest.end().unwrap_or(0),
        newest.last_created().unwrap_or(0),
    );
    let (is_later, is_further) = (name.created > last, name.last > end);
    // Among snapshots of unknown origin, as it is one, a later one that leads further continues them. An etcd at rest has two at
    // one revision, and one under load several in a second.
    let continues = newest.lineage.is_none() && name.created >= last && name.last >= end;
    let takes_over = match newest.lineage.is_some() {
        true => name.created >= last,
        false => is_later || is_further,
    };
    if continues {
        return Ok(None);
    }
    let lineage = newest.word().to_owned();
    if takes_over {
        return Err(Error::WouldBeNewest {
            revision: name.last,
            time: Timestamp::from_second(name.created).unwrap_or_default(),
            lineage,
            end,
        });
    }
    Ok(Some(format!(
        "the newest state of the store stays that of lineage {lineage}, up to revision {end}: what is imported is restored by \
         its name"
    )))
}

/// The lineage that it gets: one of its own where the store knows lineages. Among snapshots of unknown origin it could be
/// taken for what a crash has left of one of them. Elsewhere it is what any other program has written.
pub(super) fn lineage(holdings: &Holdings, sha256: &str) -> Option<Lineage> {
    let knows = holdings.branches.iter().any(|one| one.lineage.is_some());
    let id = sha256.get(..16).unwrap_or(sha256);
    knows.then(|| Lineage {
        id: format!("import-{id}"),
        parent: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::Catalogue;
    use crate::backups::branches::Branch;
    use snapstore::{Key, ObjectId, ObjectMeta};

    fn holdings(lineage: Option<&str>, name: &str) -> Holdings {
        let object = ObjectMeta {
            id: ObjectId::from(Key::new(format!("v2/{name}")).unwrap()),
            size: 1,
            modified: None,
            etag: None,
            retain_until: None,
            excluded: false,
            delete_marker: false,
        };
        Holdings {
            branches: vec![Branch {
                lineage: lineage.map(|id| Lineage {
                    id: id.to_owned(),
                    parent: None,
                }),
                catalogue: Catalogue::of([object]),
                ..Branch::default()
            }],
            ..Holdings::default()
        }
    }

    fn decided(lineage: Option<&str>, name: &str) -> Result<Option<String>> {
        let holdings = holdings(lineage, "Full-00000000-00000500-2000");
        beside(&holdings, &SnapshotName::parse(name).unwrap())
    }

    /// A snapshot of last week that was copied today has the time of today, and the next member that lost its directory
    /// would have begun with it.
    #[test]
    fn what_would_be_the_newest_state_of_another_lineage_is_refused() {
        let refused = decided(Some("a"), "Full-00000000-00000100-3000");
        assert!(matches!(
            refused,
            Err(Error::WouldBeNewest { end: 500, .. })
        ));
        let told = decided(Some("a"), "Full-00000000-00000900-1000").unwrap();
        assert!(told.unwrap().contains("lineage a, up to revision 500"));
    }

    #[test]
    fn where_lineages_are_known_it_is_one_of_its_own() {
        let known = holdings(Some("a"), "Full-00000000-00000500-2000");
        let id = lineage(&known, &"ab".repeat(32)).map(|lineage| lineage.id);
        assert_eq!(id.as_deref(), Some("import-abababababababab"));
        let unknown = holdings(None, "Full-00000000-00000500-2000");
        assert_eq!(lineage(&unknown, &"ab".repeat(32)), None);
        assert_eq!(lineage(&Holdings::default(), &"ab".repeat(32)), None);
    }

    /// A timer that imports each file of k3s failed for the second of two snapshots between which nothing was written.
    #[test]
    fn among_snapshots_of_unknown_origin_later_ones_lead_further() {
        for name in [
            "Full-00000000-00000900-3000",
            "Full-00000000-00000500-3000",
            "Full-00000000-00000900-2000",
        ] {
            assert_eq!(decided(None, name).unwrap(), None, "{name}");
        }
        assert!(
            decided(None, "Full-00000000-00000100-1000")
                .unwrap()
                .is_some()
        );
        for name in ["Full-00000000-00000100-3000", "Full-00000000-00000900-1000"] {
            assert!(decided(None, name).is_err(), "{name}");
        }
        let empty = beside(
            &Holdings::default(),
            &SnapshotName::parse("Full-00000000-00000001-1").unwrap(),
        );
        assert_eq!(empty.unwrap(), None);
    }
}
