//! What was planned is done.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::candidate::shown;
use super::error::{Error, Result};
use super::plan::Plan;
use crate::backups::branches::Wanted;
use crate::backups::delta::{HashCheck, LeasePolicy};
use crate::backups::{DatabaseFile, Reading, Target};
use crate::data_dir::{self, Aside, ExistingMember, Holds, Keep};
use crate::error::Error as System;
use crate::lock::{self, Held};
use crate::restore::{self, Changes, History, Onto, OtherCluster, Report, Source};
use crate::session::Session;
use crate::validate::stands_at;

/// What was done.
#[derive(Debug, Clone, Serialize)]
pub struct Recovered {
    /// What was planned.
    pub plan: Plan,
    /// What the member holds.
    pub report: Report,
    /// Where the old member is kept.
    #[serde(serialize_with = "shown")]
    pub old: PathBuf,
    /// What the old member holds and the new one does not, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
}

/// Makes the chosen directory of `plan`, whose database is `file`, that of the one member of a new cluster. The store of
/// `session` is the directory of the file. One process at a time; when it fails, all is as it was.
pub async fn recover(session: &Session, file: &DatabaseFile, plan: Plan) -> Result<Recovered> {
    let data_dir = plan.data_dir().cloned().unwrap_or_default();
    let _alone = hold(&data_dir)?;
    let holds = Holds::UpTo(plan.standing.revision);
    let existing = ExistingMember::find(&data_dir, holds, Keep::Always)?;
    let _held = data_dir::keep_etcd_out(&data_dir)?;
    let request = request(&plan, &data_dir, existing);
    let report = restore::restore_own(session, file, &request).await?;
    let aside = Aside::find(&data_dir);
    let old = aside.as_ref().and_then(Aside::will_be_kept);
    let is_whole = match report.revision == plan.standing.revision {
        true => stands_at(&data_dir, report.revision),
        false => Err(format!(
            "it is at revision {}, and revision {} was to be reached",
            report.revision, plan.standing.revision
        )),
    };
    if let Err(found) = is_whole {
        if let Some(aside) = aside {
            aside.reinstate()?;
        }
        return Err(Error::FailedCheck(found));
    }
    if let Some(aside) = aside {
        aside.settle()?;
    }
    let beyond = report.beyond.as_ref();
    Ok(Recovered {
        lacks: beyond.and_then(|beyond| beyond.sentence()),
        plan,
        report,
        old: old.unwrap_or_default(),
    })
}

fn request(plan: &Plan, data_dir: &Path, over: Option<ExistingMember>) -> restore::Request {
    restore::Request {
        target: Target::Latest,
        lineage: Wanted::Newest,
        data_dir: data_dir.to_owned(),
        over,
        chosen: None,
        authentication: restore::Authentication::Kept,
        clusters: None,
        // What is restored is its own database.
        other_cluster: OtherCluster::Allowed,
        salvage: Some(Source {
            data_dir: data_dir.to_owned(),
            up_to: None,
            servers: plan.servers,
            onto: Onto::OwnDatabase,
        }),
        identity: plan.member.identity(),
        reading: Reading {
            hash: HashCheck::WherePresent,
            leases: LeasePolicy::Keep,
            fetchers: 1,
        },
        changes: Changes {
            // Of no use here: the log says of each lease what it is.
            unknown_lease_ttl: 24 * 60 * 60,
            bump_revision: 0,
            history: History::Kept,
        },
    }
}

/// Holds the directory against a second run.
fn hold(data_dir: &Path) -> Result<Held> {
    let dir = File::open(data_dir).map_err(Error::io("open", data_dir))?;
    let held = lock::directory(dir, data_dir).map_err(Error::io("lock", data_dir))?;
    held.ok_or_else(|| {
        let who = lock::holder(data_dir);
        System::DataDir {
            path: data_dir.to_owned(),
            what: format!("{who} is at work on this directory right now; wait for it or stop it"),
        }
        .into()
    })
}
