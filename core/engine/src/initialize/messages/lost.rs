//! What a restored state lacks.

use crate::initialize::loss::{Loss, Measure};

/// So many revisions that follow `revision`.
fn those_after(revision: i64, count: i64) -> String {
    let (first, last) = (revision.saturating_add(1), revision.saturating_add(count));
    match count {
        1 => format!("1 revision, {first}"),
        _ => format!("{count} revisions, {first} to {last}"),
    }
}

/// What a state at `revision` lacks.
pub(in crate::initialize) fn lost(loss: Loss, revision: i64) -> String {
    let Loss {
        revisions, seconds, ..
    } = loss;
    let these = those_after(revision, revisions);
    match loss.measure {
        Measure::Nothing => {
            let as_of = loss
                .as_of
                .map_or_else(String::new, |as_of| format!("; it is the state of {as_of}"));
            format!("Nothing that the store or the directory held is lost{as_of}.")
        }
        Measure::NoRevision => "No revision is lost.".into(),
        Measure::Exact => {
            format!("Lost: {these}, written within {seconds} s.")
        }
        Measure::AtMost => {
            format!("Lost: at most {these}, written within {seconds} s.")
        }
        Measure::Unproven if revisions > 0 => format!(
            "Lost: at most {these}, if the member is of one history with \
             the backups, and that is not proven."
        ),
        Measure::Unproven => "By its revisions the member held nothing more, if it is of one \
                              history with the backups, and that is not proven."
            .into(),
        Measure::Unknown if revisions > 0 => format!(
            "Lost: at least {these}; the member is too damaged to tell \
             more, and the last sign of a later state (a file of the member, or an object of the store) is \
             {seconds} s after what was restored."
        ),
        Measure::Unknown => format!(
            "The member is too damaged to tell whether it held more; the last sign of a later state (a file \
             of the member, or an object of the store) is {seconds} s after what was restored."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Lost: 1 revisions, 21 to 21" was said where one was lost.
    #[test]
    fn one_lost_revision_is_one() {
        for measure in [
            Measure::Exact,
            Measure::AtMost,
            Measure::Unproven,
            Measure::Unknown,
        ] {
            let of = |revisions| Loss {
                revisions,
                seconds: 3,
                measure,
                as_of: None,
            };
            let told = lost(of(1), 20);
            assert!(told.contains("1 revision, 21"), "{told}");
            assert!(!told.contains("21 to 21"), "{told}");
            let told = lost(of(2), 20);
            assert!(told.contains("2 revisions, 21 to 22"), "{told}");
        }
    }

    /// "The member was last written to 90 s behind what was restored" was said of one that was written to
    /// after it; and where an object of the store was newer still, the time was not the member's at all.
    #[test]
    fn an_unknown_loss_names_no_writer_and_comes_after() {
        for revisions in [0, 7] {
            let loss = Loss {
                revisions,
                seconds: 90,
                measure: Measure::Unknown,
                as_of: None,
            };
            let told = lost(loss, 20);
            assert!(told.contains("90 s after what was restored"), "{told}");
            assert!(
                told.contains("an object of the store") && !told.contains("behind"),
                "{told}"
            );
        }
    }

    /// A dry run said "at most 9 revisions", and the run itself "9 revisions, 22 to 30": 27 to 30 never were.
    #[test]
    fn a_loss_that_is_not_proven_is_an_upper_bound() {
        let loss = Loss {
            revisions: 9,
            seconds: 3,
            measure: Measure::Unproven,
            as_of: None,
        };
        let told = lost(loss, 21);
        assert!(told.contains("at most 9 revisions, 22 to 30"), "{told}");
    }
}
