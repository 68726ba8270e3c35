use std::sync::Arc;

use super::attempt::attempt;
use super::error::{Error, Result};
use super::report::Report;
use super::request::Request;
use crate::backups::listing::read_some;
use crate::backups::{Catalogue, DatabaseFile, Plan};
use crate::chosen::ChosenState;
use crate::history::{follow_plan, second_history};
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
    let restored = of_catalogue(session, &file.catalogue(), request, chosen).await;
    restored.map_err(Error::of_file)
}

async fn of_catalogue(
    session: &Session,
    catalogue: &Catalogue,
    request: &Request,
    chosen: impl Fn(&Report) -> Option<ChosenState> + Clone + Send + 'static,
) -> Result<Report> {
    let asked = request.clone();
    let work = move |session: &Session, plan: &Plan| attempt(session, &asked, plan, &chosen);
    let mut report = follow_plan(session, catalogue, &request.target, work).await?;
    let second = second_history(catalogue, &request.target);
    report.warnings.splice(0..0, second);
    Ok(report)
}
