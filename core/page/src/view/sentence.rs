//! The one sentence: what can be restored, or why that is not known.

use super::level::Level;
use super::reach::{Loss, Reach};
use super::trouble::Trouble;
use crate::known::Known;
use crate::listing::{Lineage, Object};
use crate::sidecar::{Role, Word};
use crate::store::Store;
use crate::words::{ago, duration, grouped, moment};

/// What stands first on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// How it stands.
    pub level: Level,
    /// What can be restored.
    pub text: String,
    /// What would be lost, and whose data it is.
    pub detail: String,
}

/// The level is that of the worst of the troubles, where one is worse than what the sentence says.
pub(super) fn sentence(known: &Known, troubles: &[Trouble]) -> Sentence {
    let mut sentence = stated(known);
    let worst = troubles.iter().map(|trouble| trouble.level).max();
    sentence.level = sentence.level.max(worst.unwrap_or(Level::Good));
    sentence
}

fn stated(known: &Known) -> Sentence {
    let Some(store) = &known.store else {
        return of(
            Level::Problem,
            "No store is configured: no backups are taken, and none can be restored.",
            "",
        );
    };
    if let Some(sidecar) = &known.sidecar
        && sidecar.initialization.state == Word::Progress
    {
        let since = ago(sidecar.initialization.since, known.now);
        let text = format!(
            "The data directory of etcd is validated, and restored where that is needed. It began {since}."
        );
        return of(Level::Working, text, leads_to(known));
    }
    match known.reach() {
        None => nothing(known, store),
        Some(reach) => something(known, store, reach),
    }
}

fn of(level: Level, text: impl Into<String>, detail: impl Into<String>) -> Sentence {
    Sentence {
        level,
        text: text.into(),
        detail: detail.into(),
    }
}

/// `Everything up to T (revision N)`.
fn everything(reach: Reach) -> String {
    let revision = grouped(reach.revision);
    match reach.until {
        Some(until) => format!("Everything up to {}, revision {revision},", moment(until)),
        None => format!("Everything up to revision {revision}"),
    }
}

fn leads_to(known: &Known) -> String {
    match known.reach() {
        Some(reach) => format!("{} can be restored.", everything(reach)),
        None => String::new(),
    }
}

/// No state is known that can be restored.
fn nothing(known: &Known, store: &Store) -> Sentence {
    let Some(listing) = &store.listing else {
        return match &store.fault {
            Some(fault) => {
                let text = format!(
                    "The store did not answer yet, so it is not known what can be restored: {}.",
                    fault.why
                );
                of(Level::Problem, text, "")
            }
            None => of(
                Level::Unknown,
                "The store is being listed: this page shows what it holds in a moment.",
                "",
            ),
        };
    };
    let hint = listing.hint.clone().unwrap_or_default();
    if listing.lineages.is_empty() {
        let level = match known.has_etcd_or_none_is_asked() {
            true => Level::Problem,
            // A cluster that is new has none yet.
            false => Level::Unknown,
        };
        return of(level, "Nothing can be restored: there is no backup.", hint);
    }
    let mut objects = listing.lineages.iter().flat_map(Lineage::objects);
    let why = match objects.any(Object::is_unreadable) {
        true => "what it holds is not as it was stored, or the key of it is missing.",
        false => "no full is there, and no deltas begin with an empty etcd.",
    };
    let text = format!("Nothing that the store holds can be restored: {why}");
    of(Level::Problem, text, hint)
}

fn something(known: &Known, store: &Store, reach: Reach) -> Sentence {
    let everything = everything(reach);
    if let (Some(_), Some(listing), false) = (&store.fault, &store.listing, leads(known)) {
        let when = ago(listing.at, known.now);
        let text = format!(
            "The store does not answer now. {everything} could be restored when it was last listed, {when}."
        );
        return of(Level::Problem, text, lost(known));
    }
    if let Some(sidecar) = &known.sidecar
        && sidecar.initialization.state != Word::Successful
        && sidecar.initialization.last_error.is_some()
    {
        let text = format!(
            "By their names, the backups lead to this: {} But the data directory of etcd could not be made ready from them.",
            everything
                .trim_end_matches(',')
                .replacen("Everything", "everything", 1)
                + "."
        );
        return of(Level::Problem, text, lost(known));
    }
    let Some(sidecar) = &known.sidecar else {
        let level = match known.ahead() {
            Some(_) => Level::Attention,
            None => Level::Good,
        };
        return of(level, format!("{everything} can be restored."), lost(known));
    };
    match &sidecar.role {
        Role::Leader => of(
            Level::Good,
            format!("{everything} can be restored."),
            lost(known),
        ),
        Role::Follower { leader } => {
            let detail = format!(
                "Backups are taken beside the etcd at {leader}, which leads; this is what the store holds. {}",
                lost(known)
            );
            of(
                Level::Good,
                format!("{everything} can be restored."),
                detail,
            )
        }
        Role::Unknown => {
            let why = match &sidecar.etcd {
                None | Some(Err(_)) => {
                    "The etcd beside this sidecar does not answer, so no backups are taken here."
                }
                Some(Ok(())) => {
                    "No etcd leads, as far as this one knows, so no backups are taken now."
                }
            };
            let detail = format!("{why} {}", lost(known));
            of(
                Level::Unknown,
                format!("{everything} can be restored."),
                detail.trim_end(),
            )
        }
    }
}

fn leads(known: &Known) -> bool {
    known
        .sidecar
        .as_ref()
        .is_some_and(|one| one.role == Role::Leader && one.backups.restorable.is_some())
}

/// What would be lost now.
fn lost(known: &Known) -> String {
    match known.loss() {
        None => String::new(),
        Some(Loss::Nothing) => {
            "If etcd were lost now, nothing would be missing: it has written nothing since."
                .to_owned()
        }
        Some(Loss::Since(time, revisions)) => {
            let revisions = match revisions {
                1 => "1 revision".to_owned(),
                more => format!("{} revisions", grouped(more)),
            };
            format!(
                "If etcd were lost now, what it wrote in the last {} would be missing: {revisions} when it was last asked.",
                duration(time)
            )
        }
        Some(Loss::Perhaps(time)) => {
            format!(
                "If etcd were lost now, what it wrote in the last {} would be missing: no etcd is asked here whether it wrote.",
                duration(time)
            )
        }
    }
}
