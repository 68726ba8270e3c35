//! What a restore would do, as far as names tell. Of a database in a file, which has no name that tells anything, a
//! few pages are read. Damage of the rest does not show.

use super::error::{Error, Result};
use super::request::Request;
use super::run::choose;
use crate::backups::branches::Taken;
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, FileContent, Plan, Stop, plan};
use crate::history::{OfBackups, ends_before, lineage_warnings};
use crate::session::Session;

/// What a restore would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What it would fetch.
    pub plan: Plan,
    /// The revision that it would come to, before it is raised; for a time, the highest that it can be. None where
    /// no name tells.
    pub revision: Option<i64>,
    /// What the file holds, where it is one.
    pub file: Option<FileContent>,
    /// The lineage that it would take; none where the store tells of none.
    pub branch: Option<Taken>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// What a restore would fetch, and that nothing stands in its way: the members, the data
/// directory, the objects. Changes nothing.
pub async fn preview(session: &Session, request: &Request) -> Result<Preview> {
    request.check_with_place()?;
    let holdings = read_some(session).await?;
    let branch = choose(&holdings, request)?;
    let mut preview = of_catalogue(&branch.catalogue, request)?;
    let warnings = lineage_warnings(&holdings, branch, &request.target);
    preview.warnings.splice(0..0, warnings);
    preview.branch = holdings.taken(branch);
    Ok(preview)
}

/// The same of a database in a file.
pub fn preview_file(file: &DatabaseFile, request: &Request) -> Result<Preview> {
    request.check_with_place()?;
    let content = FileContent::read(file).map_err(|error| Error::from(error).of_file())?;
    Ok(Preview {
        revision: Some(content.revision),
        file: Some(content),
        ..of_catalogue(&file.catalogue(), request)?
    })
}

fn of_catalogue(catalogue: &Catalogue, request: &Request) -> Result<Preview> {
    let plan = plan(catalogue, &request.target, &[]).map_err(backups::Error::from)?;
    let newest = plan.objects().last();
    let last = newest.map(|object| object.name.last);
    let made = newest.and_then(|object| object.name.created_at());
    let (revision, ends) = match (plan.stop, last) {
        (Stop::Revision(revision), _) => (Some(revision), None),
        (Stop::End, last) => (last, None),
        (Stop::Time(wanted), Some(last)) => (Some(last), ends_before(wanted, made, last, made)),
        (Stop::Time(_), None) => (None, None),
    };
    Ok(Preview {
        branch: None,
        file: None,
        warnings: ends.into_iter().collect(),
        revision: revision.filter(|revision| *revision > 0),
        plan,
    })
}
