use std::sync::Arc;

use super::attempt::attempt;
use super::error::Result;
use super::report::Report;
use super::request::Request;
use crate::backups::listing::read_some;
use crate::backups::{self, Plan, plan};
use crate::chosen::ChosenState;
use crate::data_dir;
use crate::history::{follow_plan, warn_of_second_history};
use crate::session::Session;

/// Restores what `request` asks for. When this returns `Ok`, the data directory is complete,
/// checked and on stable storage; when it fails, there is none.
pub async fn restore(session: &Session, request: &Request) -> Result<Report> {
    request.check()?;
    let catalogue = read_some(session).await?;
    let (asked, listed) = (request.clone(), Arc::new(catalogue.clone()));
    let work = move |session: &Session, plan: &Plan| {
        let chosen = |report: &Report| {
            let made_of = report.base.iter().chain(&report.deltas).cloned().collect();
            ChosenState::of(&asked.target, report.reached, made_of, &listed)
        };
        attempt(session, &asked, plan, chosen)
    };
    follow_plan(session, &catalogue, &request.target, work).await
}

/// What a restore would fetch, and that nothing stands in its way: the members, the data
/// directory, the objects. Changes nothing.
pub async fn preview(session: &Session, request: &Request) -> Result<Plan> {
    request.check()?;
    data_dir::refuse_member(&request.data_dir)?;
    let catalogue = read_some(session).await?;
    warn_of_second_history(session, &catalogue, &request.target);
    Ok(plan(&catalogue, &request.target, &[]).map_err(backups::Error::from)?)
}
