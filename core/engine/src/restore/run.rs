use std::sync::Arc;

use super::attempt::attempt;
use super::error::Result;
use super::report::Report;
use super::request::Request;
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, Plan, plan};
use crate::chosen::ChosenState;
use crate::data_dir;
use crate::history::{follow_plan, warn_of_second_history};
use crate::session::Session;

/// Restores what `request` asks for. When this returns `Ok`, the data directory is complete,
/// checked and on stable storage; when it fails, there is none.
pub async fn restore(session: &Session, request: &Request) -> Result<Report> {
    request.check()?;
    let catalogue = read_some(session).await?;
    let (target, listed) = (request.target.clone(), Arc::new(catalogue.clone()));
    let chosen = move |report: &Report| {
        let made_of = report.base.iter().chain(&report.deltas).cloned().collect();
        ChosenState::of(&target, report.reached, made_of, &listed)
    };
    of_catalogue(session, &catalogue, request, chosen).await
}

/// Restores a database in a file, in whose directory the store of `session` is. `backups`: what the store
/// of the cluster holds, if there is one. None of it belongs to the history that begins with this restore.
pub async fn restore_file(
    session: &Session,
    file: &DatabaseFile,
    backups: Option<Catalogue>,
    request: &Request,
) -> Result<Report> {
    request.check()?;
    let (backups, name) = (
        Arc::new(backups.unwrap_or_default()),
        file.name().to_owned(),
    );
    let chosen = move |report: &Report| ChosenState::of_file(&name, report.reached, &backups);
    of_catalogue(session, &file.catalogue(), request, chosen).await
}

async fn of_catalogue(
    session: &Session,
    catalogue: &Catalogue,
    request: &Request,
    chosen: impl Fn(&Report) -> Option<ChosenState> + Clone + Send + 'static,
) -> Result<Report> {
    let asked = request.clone();
    let work = move |session: &Session, plan: &Plan| attempt(session, &asked, plan, &chosen);
    follow_plan(session, catalogue, &request.target, work).await
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

/// The same of a database in a file.
pub fn preview_file(file: &DatabaseFile, request: &Request) -> Result<Plan> {
    request.check()?;
    data_dir::refuse_member(&request.data_dir)?;
    Ok(plan(&file.catalogue(), &request.target, &[]).map_err(backups::Error::from)?)
}
