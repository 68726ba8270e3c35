//! What there is to compact, and when the full is begun by its name: decided from names and metadata alone.

use super::error::{Error, Result};
use super::request::Request;
use crate::backups::branches::{Branch, Holdings};
use crate::backups::{self, Snapshot, Target, plan};

/// The chain at the end of a lineage.
#[derive(Debug)]
pub(super) enum Begin {
    /// One full: there is nothing to add to it.
    Head(Box<Snapshot>),
    /// A full and deltas, and when the new full is begun.
    Chain {
        /// The full.
        base: Box<Snapshot>,
        /// The deltas, in order: at least one.
        deltas: Vec<Snapshot>,
        /// In seconds since 1970 UTC.
        created: i64,
    },
}

/// The lineage that is asked for.
pub(super) fn choose<'a>(holdings: &'a Holdings, request: &Request) -> Result<&'a Branch> {
    let chosen = holdings.choose(&request.lineage, &Target::Latest);
    Ok(chosen.map_err(backups::Error::from)?)
}

/// What the newest chain of `branch` is.
pub(super) fn begin(holdings: &Holdings, branch: &Branch, request: &Request) -> Result<Begin> {
    let plan = plan(&branch.catalogue, &Target::Latest, &[]).map_err(backups::Error::from)?;
    let base = Box::new(plan.base.ok_or(Error::NoFull)?);
    if plan.deltas.is_empty() {
        return Ok(Begin::Head(base));
    }
    if let Some(told) = branch.second_history() {
        return Err(Error::TwoHistories(told));
    }
    Ok(Begin::Chain {
        base,
        deltas: plan.deltas,
        created: created(holdings, branch, request.now.as_second())?,
    })
}

/// After all that it is made of, or listings sort them by chance; and if its lineage is not the newest, at no time that
/// would make it so.
fn created(holdings: &Holdings, branch: &Branch, now: i64) -> Result<i64> {
    let after = branch.last_created().unwrap_or(0).saturating_add(1);
    let is_branch = |one: &Branch| one.word() == branch.word();
    let Some(newest) = holdings.newest().filter(|newest| !is_branch(newest)) else {
        return Ok(after.max(now));
    };
    let descends = holdings.descent(newest).into_iter().any(is_branch);
    let full = newest.newest_full();
    let is_later = full.is_some_and(|full| full.name.created > after);
    // Among snapshots of unknown origin nothing but times and names says what a full belongs to.
    match branch.lineage.is_some() && (descends || is_later) {
        true => Ok(after),
        false => Err(Error::WouldBeNewest {
            lineage: branch.word().to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::Catalogue;
    use crate::backups::metadata::{Branching, Lineage, Parent};
    use snapstore::{Key, ObjectId, ObjectMeta};

    fn branch(id: Option<(&str, Option<&str>)>, names: &[&str]) -> Branch {
        let object = |name: &&str| {
            let key = Key::new(format!("v2/{name}")).unwrap();
            ObjectMeta {
                id: ObjectId::from(key),
                size: 1,
                modified: None,
                etag: None,
                retain_until: None,
                excluded: false,
                delete_marker: false,
            }
        };
        let parent = |id: &str| Parent {
            id: id.to_owned(),
            left_at: 1,
            branching: Branching::Proven,
        };
        Branch {
            lineage: id.map(|(id, left)| Lineage {
                id: id.to_owned(),
                parent: left.map(parent),
            }),
            catalogue: Catalogue::of(names.iter().map(object)),
            ..Branch::default()
        }
    }

    fn begun(branches: &[Branch], which: usize, now: i64) -> Result<i64> {
        let holdings = Holdings {
            branches: branches.to_vec(),
            ..Holdings::default()
        };
        created(&holdings, &branches[which], now)
    }

    const OLD: [&str; 2] = ["Full-00000000-00000020-1000", "Incr-00000021-00000060-1500"];
    const NEW: &str = "Full-00000000-00000045-1200";

    #[test]
    fn a_full_of_the_newest_lineage_is_begun_now_and_after_its_deltas() {
        let alone = [branch(None, &OLD)];
        assert_eq!(begun(&alone, 0, 1900).unwrap(), 1900);
        // A clock that is behind that of who took the deltas.
        assert_eq!(begun(&alone, 0, 1400).unwrap(), 1501);
    }

    /// A full begun now would make an older lineage the newest: the next restore would bring back what was left.
    #[test]
    fn a_full_of_an_older_lineage_does_not_make_it_the_newest() {
        let old = branch(Some(("old", None)), &OLD);
        let left = branch(Some(("new", Some("old"))), &[NEW]);
        assert_eq!(begun(&[old.clone(), left], 0, 1900).unwrap(), 1501);
        // Of these two nothing but times says which is the newer.
        let apart = branch(Some(("new", None)), &[NEW]);
        let refused = begun(&[old.clone(), apart], 0, 1900);
        assert!(matches!(refused, Err(Error::WouldBeNewest { .. })));
        let later = branch(Some(("new", None)), &["Full-00000000-00000045-1700"]);
        assert_eq!(begun(&[old, later.clone()], 0, 1900).unwrap(), 1501);
        let refused = begun(&[branch(None, &OLD), later], 0, 1900);
        assert!(matches!(refused, Err(Error::WouldBeNewest { .. })));
    }
}
