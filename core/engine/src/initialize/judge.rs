//! A directory that was judged, and what is to be done about it.

use super::decide::{Action, Cluster, ClusterState, decide};
use super::error::Result;
use super::loss::Before;
use super::messages;
use super::outcome::{ActionTaken, Outcome};
use super::request::Request;
use crate::data_dir::{Disposition, ExistingMember};
use crate::session::Session;
use crate::validate::{Finding, Validated, validate};

pub(super) struct Judged {
    pub(super) validated: Validated,
    pub(super) action: Action,
}

/// Looks at the directory and its backups, and decides.
pub(super) async fn judge(session: Option<&Session>, request: &Request) -> Result<Judged> {
    let members = request.restore.identity.members()?;
    let validated = validate(session, &request.validation).await?;
    let cluster = match members.max(validated.facts.members) {
        0 | 1 => Cluster::Alone,
        _ => match request.cluster_state {
            ClusterState::Unspecified => Cluster::OneOfSeveral,
            ClusterState::Existing => Cluster::Serving,
            ClusterState::Replaced { .. } => Cluster::ServingAnew,
        },
    };
    let action = decide(
        &validated.finding,
        validated.facts.holds,
        &validated.backups,
        cluster,
        request.empty_start,
    );
    Ok(Judged { validated, action })
}

impl Judged {
    pub(super) fn is_in_use(&self) -> bool {
        matches!(self.validated.finding, Finding::InUse(_))
    }

    /// What was found, in a few sentences.
    pub(super) fn found(&self, request: &Request) -> String {
        self.validated.explain(&request.validation.data_dir)
    }

    /// The newest revision that the backups lead to.
    pub(super) fn newest(&self) -> i64 {
        self.validated.backups.newest().unwrap_or(0)
    }

    /// The member in the way, if there is one.
    pub(super) fn existing(&self, request: &Request) -> Result<Option<ExistingMember>> {
        let (data_dir, holds) = (&request.validation.data_dir, self.validated.facts.holds);
        let whole_at = match self.validated.finding {
            Finding::Behind { upper, .. } => Some(upper),
            _ => None,
        };
        let mut found = ExistingMember::find(data_dir, holds, request.keep)?;
        if let Some(existing) = &mut found {
            existing.whole_at = whole_at;
            existing.servers = request.validation.servers;
        }
        Ok(found)
    }

    /// What becomes of the member in the way.
    pub(super) fn disposition(&self, existing: ExistingMember, request: &Request) -> Disposition {
        match (self.action, request.cluster_state) {
            (Action::Restore, _) => existing.disposition(self.newest()),
            (Action::MakeWay, ClusterState::Replaced { revision }) => {
                existing.disposition_beside(revision)
            }
            _ => existing.disposition(0),
        }
    }

    pub(super) fn before(&self) -> Before {
        Before {
            holds: self.validated.facts.holds,
            written: self.validated.facts.written,
        }
    }

    /// An outcome of which nothing is known but what was found, and in words what was done.
    pub(super) fn outcome(
        &self,
        request: &Request,
        action_taken: ActionTaken,
        done: &str,
    ) -> Outcome {
        let found = self.found(request);
        Outcome {
            data_dir: request.validation.data_dir.display().to_string(),
            verdict: self.validated.finding.verdict(),
            action_taken: Some(action_taken),
            planned_action: None,
            deed: action_taken,
            dry_run: false,
            unless: None,
            explanation: messages::found_and_done(&found, done),
            found,
            done: vec![done.to_owned()],
            hints: self.validated.hints(),
            remarks: self.validated.facts.remarks.clone(),
            restored: None,
            passed_over: Vec::new(),
            salvage: None,
            loss: None,
            old: None,
        }
    }
}
