use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::{Error, Result};
use super::fallback::PassedOver;
use super::loss::Loss;
use super::messages;
use super::old_member::OldMember;
use super::salvage::Salvageable;
use crate::data_dir::{self, Aside};
use crate::hint::Hint;
use crate::restore::Report;
use crate::validate::Verdict;

/// What an initialization found and did, or would do.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The data directory. As text it may not be exact: a path is any bytes.
    pub data_dir: String,
    /// What it was found to be.
    pub verdict: Verdict,
    /// What was done; none of a preview, which does nothing.
    pub action_taken: Option<ActionTaken>,
    /// What would be done; only of a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_action: Option<PlannedAction>,
    /// What was done, or would be, under the name that it had before.
    pub deed: ActionTaken,
    /// Whether nothing was changed: all of this is what would be done.
    pub dry_run: bool,
    /// On what it depends, of what would be done: a run reads the backups, and fails if this is so. None where a
    /// run has ended, and where nothing is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unless: Option<String>,
    /// All of it in one paragraph.
    pub explanation: String,
    /// What was found: the first part of the explanation.
    #[serde(skip)]
    pub found: String,
    /// What was done, or would be, and what that means: the rest of it.
    #[serde(skip)]
    pub done: Vec<String>,
    /// What can be done about it. Not written out: whoever shows it knows what his options are called.
    #[serde(skip)]
    pub hints: Vec<Hint>,
    /// What etcd will repair by itself, and what an earlier run that was killed had left.
    pub remarks: Vec<String>,
    /// What was restored.
    pub restored: Option<Report>,
    /// Objects that could not be used.
    pub passed_over: Vec<PassedOver>,
    /// Whether the log of the old member holds what no backup has; none where nothing is restored.
    pub salvage: Option<Salvageable>,
    /// What the new state lacks.
    pub loss: Option<Loss>,
    /// The member that was there before, where it is kept.
    pub old: Option<OldMember>,
}

/// What was done, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionTaken {
    /// Nothing.
    Untouched,
    /// Nothing: there is no member, and no backup, or other members who know more.
    FirstStart,
    /// The newest state was restored.
    Restored,
    /// The member made room for a new one.
    Cleared,
    /// Nothing, since a human must decide. Only of a preview: otherwise this is an error.
    Refused,
}

/// What would be done: the same, as a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedAction {
    /// Nothing.
    LeaveUntouched,
    /// Nothing: etcd begins with an empty store, or gets its state from the other members.
    StartFirst,
    /// To restore the newest state.
    Restore,
    /// To make room for a new member.
    Clear,
    /// To fail, since a human must decide.
    Refuse,
}

impl ActionTaken {
    pub(super) fn planned(self) -> PlannedAction {
        match self {
            Self::Untouched => PlannedAction::LeaveUntouched,
            Self::FirstStart => PlannedAction::StartFirst,
            Self::Restored => PlannedAction::Restore,
            Self::Cleared => PlannedAction::Clear,
            Self::Refused => PlannedAction::Refuse,
        }
    }
}

/// Where the report of the last initialization that changed something stands: `DIR.initialized.json`
/// beside `DIR`, or inside where `DIR` is the root of a volume.
pub fn report_path(data_dir: &Path) -> PathBuf {
    if data_dir::is_mount_point(data_dir) {
        return data_dir.join(".etcdbr.initialized.json");
    }
    let mut name = data_dir
        .file_name()
        .map_or_else(|| OsString::from("etcd"), OsString::from);
    name.push(".initialized.json");
    data_dir.with_file_name(name)
}

impl Outcome {
    /// Writes the report, over the one before.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        clear_draft(path)?;
        let draft = draft(path);
        let write = || {
            let mut file = data_dir::create_file(&draft)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            fs::rename(&draft, path)
        };
        write().map_err(Error::io("write the report", path))
    }
}

/// Removes the half of a report that a run which was killed has left.
pub(crate) fn clear_draft(path: &Path) -> Result<()> {
    let draft = draft(path);
    // A healthy member may be on a volume that nobody may write.
    if fs::symlink_metadata(&draft).is_err() {
        return Ok(());
    }
    fs::remove_file(&draft).map_err(Error::io("remove the leftover", &draft))
}

fn draft(path: &Path) -> PathBuf {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    draft.into()
}

/// Writes the report, and only then removes or keeps what stands aside: a run that is killed between
/// leaves either what to report about, or the report.
pub(super) fn finish(
    data_dir: &Path,
    aside: Option<Aside>,
    mut outcome: Outcome,
) -> Result<Outcome> {
    let kept = messages::kept_before(&Aside::kept_before(data_dir)?);
    outcome.remarks.extend(kept);
    if let Err(error) = outcome.save(&report_path(data_dir)) {
        // What it says is printed as well; etcd can start.
        tracing::warn!("{error}");
    }
    if let Some(aside) = aside {
        aside.settle()?;
    }
    Ok(outcome)
}
