use super::compare::Backups;
use super::error::Result;
use super::facts::Facts;
use super::finding::{Finding, judge};
use super::look::{look_at_content, look_at_structure};
use super::request::Validation;
use crate::backups::{Catalogue, EmptyStore, read_catalogue};
use crate::chosen::ChosenState;
use crate::error::Error as System;
use crate::session::Session;

/// What was found.
#[derive(Debug, Clone)]
pub struct Validated {
    /// What was seen.
    pub facts: Facts,
    /// What it amounts to.
    pub finding: Finding,
    /// What the backups lead to.
    pub backups: Backups,
    /// The backups themselves, without those of a history that was left; empty when there is no store,
    /// or they made no difference.
    pub catalogue: Catalogue,
    /// All that were listed, those of a history that was left too.
    pub listed: Catalogue,
    /// The older state that was restored here on purpose, if one was.
    pub chosen: Option<ChosenState>,
    /// Where they were looked for, if there are none.
    pub empty_store: Option<EmptyStore>,
    /// Their content has shown that they are of one history, whatever their names say.
    pub is_one_history: bool,
}

/// Judges a data directory, beside the backups in the store of `session` if there is one. Changes
/// nothing. A store that does not answer is an error: without it nobody knows whether the directory
/// lags.
pub async fn validate(session: Option<&Session>, validation: &Validation) -> Result<Validated> {
    let facts = look_at_structure(&validation.data_dir, validation.guard.as_ref());
    let finding = judge(&facts, None);
    if finding.is_final() {
        return Ok(InStore::unset().beside(facts, finding, None));
    }
    let chosen = ChosenState::read(&validation.data_dir)?;
    let store = InStore::read(session, chosen.as_ref()).await?;
    let newest = store.backups.newest();
    let mut facts = match finding {
        Finding::Absent => facts,
        _ => {
            let validation = validation.clone();
            let looked = move || look_at_content(&validation, newest, facts);
            let looked = tokio::task::spawn_blocking(looked).await;
            looked.map_err(|died| System::Died(died.to_string()))?
        }
    };
    facts
        .remarks
        .extend(chosen.as_ref().map(ChosenState::remark));
    let finding = judge(&facts, newest);
    Ok(store.beside(facts, finding, chosen))
}

/// What the store holds, as far as it matters to a data directory.
struct InStore {
    listed: Catalogue,
    /// Without objects of a history that was left.
    catalogue: Catalogue,
    backups: Backups,
    empty_store: Option<EmptyStore>,
}

impl InStore {
    /// No store, or none that makes a difference.
    fn unset() -> Self {
        Self {
            listed: Catalogue::default(),
            catalogue: Catalogue::default(),
            backups: Backups::Unset,
            empty_store: None,
        }
    }

    /// `chosen`: an older state that was restored on purpose, and has left what is newer.
    async fn read(session: Option<&Session>, chosen: Option<&ChosenState>) -> Result<Self> {
        let Some(session) = session else {
            return Ok(Self::unset());
        };
        let listed = read_catalogue(session).await?;
        let mut catalogue = listed.clone();
        let mut backups = match chosen {
            None => Backups::of(&listed),
            Some(chosen) => {
                catalogue.snapshots.retain(|one| !chosen.has_left(one));
                Backups::beside(chosen, &listed)
            }
        };
        let empty_store = match backups {
            Backups::Empty => Some(EmptyStore::look(session, &catalogue).await?),
            _ => None,
        };
        if empty_store.as_ref().is_some_and(|store| store.is_missing) {
            backups = Backups::Missing;
        }
        Ok(Self {
            listed,
            catalogue,
            backups,
            empty_store,
        })
    }

    fn beside(self, facts: Facts, finding: Finding, chosen: Option<ChosenState>) -> Validated {
        Validated {
            facts,
            finding,
            backups: self.backups,
            catalogue: self.catalogue,
            listed: self.listed,
            chosen,
            empty_store: self.empty_store,
            is_one_history: false,
        }
    }
}
