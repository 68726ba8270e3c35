use std::sync::Arc;

use super::attempt::{Marks, attempt};
use super::error::Result;
use super::report::{Preview, Report};
use super::request::Request;
use crate::backups::branches::Holdings;
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, Plan, plan};
use crate::chosen::ChosenState;
use crate::data_dir;
use crate::descent::Descent;
use crate::history::{follow_plan, warn_of_lineages};
use crate::session::Session;

/// Restores what `request` asks for. When this returns `Ok`, the data directory is complete,
/// checked and on stable storage; when it fails, there is none.
pub async fn restore(session: &Session, request: &Request) -> Result<Report> {
    request.check()?;
    let holdings = Arc::new(read_some(session).await?);
    let branch = choose(&holdings, request)?;
    warn_of_lineages(session, &holdings, branch, &request.target);
    let (target, catalogue) = (request.target.clone(), branch.catalogue.clone());
    let (taken, id) = (holdings.taken(branch), branch.id().map(str::to_owned));
    let listed = Arc::clone(&holdings);
    let descent = Descent::of(&holdings, branch);
    let marks = move |report: &Report| {
        let made_of = report.base.iter().chain(&report.deltas).cloned().collect();
        let of_lineage = (&*listed, id.as_deref());
        Marks {
            chosen: ChosenState::of(&target, report.reached, made_of, of_lineage),
            descent: descent.clone(),
        }
    };
    let mut report = of_catalogue(session, &catalogue, request, marks).await?;
    report.branch = taken;
    Ok(report)
}

/// Restores a database in a file, in whose directory the store of `session` is. `backups`: what the store
/// of the cluster holds, if there is one. None of it belongs to the history that begins with this restore.
pub async fn restore_file(
    session: &Session,
    file: &DatabaseFile,
    backups: Option<Holdings>,
    request: &Request,
) -> Result<Report> {
    request.check()?;
    let (backups, name) = (
        Arc::new(backups.unwrap_or_default()),
        file.name().to_owned(),
    );
    let marks = move |report: &Report| Marks {
        chosen: ChosenState::of_file(&name, report.reached, &backups),
        descent: None,
    };
    of_catalogue(session, &file.catalogue(), request, marks).await
}

fn choose<'a>(
    holdings: &'a Holdings,
    request: &Request,
) -> Result<&'a backups::branches::Branch, backups::Error> {
    Ok(holdings.choose(&request.lineage, &request.target)?)
}

async fn of_catalogue(
    session: &Session,
    catalogue: &Catalogue,
    request: &Request,
    marks: impl Fn(&Report) -> Marks + Clone + Send + 'static,
) -> Result<Report> {
    let asked = request.clone();
    let work = move |session: &Session, plan: &Plan| attempt(session, &asked, plan, &marks);
    follow_plan(session, catalogue, &request.target, work).await
}

/// What a restore would fetch, and that nothing stands in its way: the members, the data
/// directory, the objects. Changes nothing.
pub async fn preview(session: &Session, request: &Request) -> Result<Preview> {
    request.check()?;
    data_dir::refuse_member(&request.data_dir)?;
    let holdings = read_some(session).await?;
    let branch = choose(&holdings, request)?;
    warn_of_lineages(session, &holdings, branch, &request.target);
    let plan = plan(&branch.catalogue, &request.target, &[]).map_err(backups::Error::from)?;
    Ok(Preview {
        plan,
        branch: holdings.taken(branch),
    })
}

/// The same of a database in a file.
pub fn preview_file(file: &DatabaseFile, request: &Request) -> Result<Preview> {
    request.check()?;
    data_dir::refuse_member(&request.data_dir)?;
    let plan = plan(&file.catalogue(), &request.target, &[]).map_err(backups::Error::from)?;
    Ok(Preview { plan, branch: None })
}
