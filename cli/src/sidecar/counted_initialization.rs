//! What came of an initialization, as metrics count it. Pure but for them.

use engine::initialize::{ActionTaken, Error, Measure, Outcome, Refusal};
use engine::{backups, restore};
use server::metrics::{Initialized, Lost, Refused};

/// How an initialization has succeeded.
pub(super) fn initialized(outcome: &Outcome) -> Initialized {
    match outcome.deed {
        ActionTaken::Untouched => Initialized::Untouched,
        ActionTaken::Restored => Initialized::Made(lost(outcome)),
        // There was no member here, or it gets its state from the others.
        ActionTaken::FirstStart | ActionTaken::Cleared | ActionTaken::Refused => {
            Initialized::Made(None)
        }
    }
}

fn lost(outcome: &Outcome) -> Option<Lost> {
    let loss = outcome.loss.as_ref()?;
    let is_known = match loss.measure {
        Measure::Nothing | Measure::NoRevision | Measure::Exact | Measure::AtMost => true,
        Measure::Unproven | Measure::Unknown => false,
    };
    is_known.then_some(Lost {
        revisions: loss.revisions,
        seconds: loss.seconds,
    })
}

/// Why it did not succeed.
pub(super) fn refused(error: &Error) -> Refused {
    match error {
        Error::Refused { refusal, .. } => of_refusal(*refusal),
        Error::NoStore => Refused::NoStore,
        Error::NothingUsable { .. } => Refused::NoState,
        Error::NotSalvaged { .. } => Refused::NotSalvaged,
        Error::StoreChanges { .. } => Refused::Store,
        Error::Restore(restore::Error::Backups(
            backups::Error::Store { .. } | backups::Error::Metadata { .. },
        )) => Refused::Store,
        Error::Restore(_) | Error::FailedCheck(_) => Refused::Restore,
        _ => Refused::Other,
    }
}

fn of_refusal(refusal: Refusal) -> Refused {
    match refusal {
        Refusal::OfAnother => Refused::OfAnother,
        Refusal::InUse => Refused::InUse,
        Refusal::Unreadable => Refused::Unreadable,
        Refusal::LogElsewhere => Refused::LogElsewhere,
        Refusal::NoBackups => Refused::NoBackups,
        Refusal::NoStore | Refusal::NoContainer | Refusal::BackupsMisplaced => Refused::NoStore,
        Refusal::NoStateToRestore => Refused::NoState,
        Refusal::NewestUnknown | Refusal::TwoHistories => Refused::Doubt,
        Refusal::OneOfSeveral | Refusal::NewOfSeveral => Refused::NoPlace,
    }
}
