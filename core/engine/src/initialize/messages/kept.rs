//! What became of the member that was replaced.

use std::path::PathBuf;

use crate::data_dir::{Aside, Holds};
use crate::initialize::old_member::OldMember;
use crate::lineage::Lineage;
use crate::size::bytes;

/// What is known of an old member.
pub(super) enum Kept {
    /// All of its log is in what was restored, and was proven to go on there. Its database was compared.
    WithItsLog(Option<Lineage>),
    /// What it holds, and how its database compares.
    Compared(Holds, Option<Lineage>),
    /// By the member, and the other members serve.
    BesideOthers(Holds),
}

/// What becomes of a member whose place is taken.
#[derive(Debug, Clone, Copy)]
pub(in crate::initialize) enum Became<'a> {
    /// There is none.
    None,
    /// It is removed.
    Removed,
    /// It is kept there.
    Kept(&'a OldMember),
}

impl<'a> Became<'a> {
    pub(in crate::initialize) fn of(old: Option<&'a OldMember>, aside: Option<&Aside>) -> Self {
        match (old, aside) {
            (Some(old), _) => Self::Kept(old),
            (None, Some(aside)) if aside.will_be_removed() => Self::Removed,
            _ => Self::None,
        }
    }
}

/// What became of the old member; nothing where there is none.
pub(super) fn old_member(old: Became<'_>, kept: Kept) -> String {
    let old = match old {
        Became::Kept(old) => old,
        Became::Removed => return removed(&kept).to_owned(),
        Became::None => return String::new(),
    };
    let beside_others = matches!(kept, Kept::BesideOthers(_));
    let (holds, lineage) = match kept {
        Kept::WithItsLog(lineage) => (None, lineage),
        Kept::Compared(holds, lineage) => (Some(holds), lineage),
        Kept::BesideOthers(holds) => (Some(holds), None),
    };
    let why = match (holds, lineage) {
        (_, Some(Lineage::Other(revision) | Lineage::Foreign(revision))) => {
            &format!(" since it is of another history: at revision {revision} they differ")
        }
        (_, Some(Lineage::Overwritten)) => {
            " since the backups tell of some of its last writes only that their keys were \
             written again or deleted since"
        }
        (None, Some(Lineage::Unknown)) => {
            " since its database cannot be compared to its end; its log goes on from the backups, and is \
             in what was restored"
        }
        _ if beside_others => {
            " since it may hold writes that the others do not have, or since that was asked for"
        }
        (Some(Holds::AtLeast(_)), _) => " since it is too damaged to tell whether it holds more",
        (Some(_), Some(Lineage::Unknown)) => {
            " since nothing proves that it is of one history with the backups"
        }
        _ => "",
    };
    format!(
        " The old member is kept in {} ({}){why}; remove it when nothing in it is needed.",
        old.path,
        bytes(old.bytes)
    )
}

/// Only a member that holds nothing of its own is removed.
fn removed(kept: &Kept) -> &'static str {
    match kept {
        Kept::BesideOthers(_) => {
            " The old member is removed: what was acknowledged is with the others."
        }
        Kept::Compared(Holds::Nothing, _) => {
            " The old member is removed: nothing was ever written to it."
        }
        _ => " The old member is removed: what it wrote last was found in the new one.",
    }
}

/// Members that earlier runs kept, which nobody but an operator removes.
pub(in crate::initialize) fn kept_before(kept: &[PathBuf]) -> Option<String> {
    let paths: Vec<_> = kept.iter().map(|path| path.display().to_string()).collect();
    (!kept.is_empty()).then(|| {
        format!(
            "members that earlier initializations kept are still in {}; remove those in which nothing \
             is needed",
            paths.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "(1073741824 bytes)" was said of a member that an operator has to find room for.
    #[test]
    fn what_a_kept_member_takes_has_a_unit() {
        let old = OldMember {
            path: "/d/.etcdbr.old".into(),
            bytes: 1 << 30,
        };
        let told = old_member(Became::Kept(&old), Kept::Compared(Holds::Nothing, None));
        assert!(told.contains("/d/.etcdbr.old (1.00 GiB);"), "{told}");
    }

    /// "Nothing that the store or the directory held is lost" stood beside "nothing proves that it is of one
    /// history with the backups", of a member whose log had just been proven to go on from them.
    #[test]
    fn a_member_whose_log_was_salvaged_is_not_called_unproven() {
        let old = OldMember {
            path: "/d/.etcdbr.old".into(),
            bytes: 1,
        };
        let told = old_member(Became::Kept(&old), Kept::WithItsLog(Some(Lineage::Unknown)));
        assert!(told.contains("its log goes on from the backups"), "{told}");
        let compared = Kept::Compared(Holds::UpTo(7), Some(Lineage::Unknown));
        let told = old_member(Became::Kept(&old), compared);
        assert!(told.contains("nothing proves"), "{told}");
    }
}
