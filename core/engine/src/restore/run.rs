use std::sync::Arc;

use super::attempt::{Marks, attempt};
use super::error::{Error, Result};
use super::report::Report;
use super::request::Request;
use crate::backups::branches::{Branch, Holdings};
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, Plan};
use crate::chosen::ChosenState;
use crate::descent::Descent;
use crate::history::{OfBackups, follow_plan, lineage_warnings, tell};
use crate::session::Session;

/// Restores what `request` asks for. When this returns `Ok`, the data directory is complete,
/// checked and on stable storage; when it fails, there is none.
pub async fn restore(session: &Session, request: &Request) -> Result<Report> {
    request.check_with_place()?;
    let holdings = Arc::new(read_some(session).await?);
    let branch = choose(&holdings, request)?;
    let warnings = lineage_warnings(&holdings, branch, &request.target);
    tell(session, &warnings);
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
    report.warnings.splice(0..0, warnings);
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
    request.check_with_place()?;
    let (backups, name) = (
        Arc::new(backups.unwrap_or_default()),
        file.name().to_owned(),
    );
    let marks = move |report: &Report| Marks {
        chosen: ChosenState::of_file(&name, report.reached, &backups),
        descent: None,
    };
    let restored = of_catalogue(session, &file.catalogue(), request, marks).await;
    restored.map_err(Error::of_file)
}

/// Restores the database of a member in its own place, with all that its log holds (see [`super::Onto`]). What the
/// member said of its lineage and of a state that was chosen, it says afterwards: it is the same history.
pub async fn restore_own(
    session: &Session,
    file: &DatabaseFile,
    request: &Request,
) -> Result<Report> {
    request.check_with_place()?;
    let marks = Marks {
        chosen: ChosenState::read(&request.data_dir).map_err(backups::Error::from)?,
        descent: Descent::read(&request.data_dir).map_err(backups::Error::from)?,
    };
    let marks = move |_: &Report| marks.clone();
    let restored = of_catalogue(session, &file.catalogue(), request, marks).await;
    restored.map_err(Error::of_file)
}

/// The lineage that is asked for.
pub(super) fn choose<'a>(
    holdings: &'a Holdings,
    request: &Request,
) -> Result<&'a Branch, backups::Error> {
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
