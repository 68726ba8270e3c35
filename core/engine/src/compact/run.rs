use super::begin::{Begin, begin, choose};
use super::chain::{Folded, read};
use super::error::Result;
use super::known::Known;
use super::report::{Head, Outcome, Report};
use super::request::Request;
use super::secrecy::stays_secret;
use super::stored::{Stored, store};
use crate::backups::branches::Taken;
use crate::backups::delta::HashCheck;
use crate::backups::listing::read_some;
use crate::backups::storing::Proof;
use crate::backups::{Plan, SnapshotName, Target, metadata};
use crate::history::{follow_plan, lineage_warnings, tell};
use crate::session::Session;

/// Makes one full of the newest chain of a lineage, and stores it beside what is there.
///
/// It counts as stored only when this returns it. Stopped at any moment, the store holds the full, whole and described, or
/// nothing that counts as a backup.
pub async fn compact(session: &Session, request: &Request) -> Result<Outcome> {
    request.check()?;
    let holdings = read_some(session).await?;
    let branch = choose(&holdings, request)?;
    let warnings = lineage_warnings(&holdings, branch, &Target::Latest);
    tell(session, &warnings);
    let taken = holdings.taken(branch);
    let created = match begin(&holdings, branch, request)? {
        Begin::Chain {
            base,
            deltas,
            created,
        } => {
            stays_secret(session, deltas.iter().chain([&*base]))?;
            created
        }
        Begin::Head(full) => {
            return Ok(Outcome::Head(Head {
                compacted: false,
                snapshot: full.key().to_string(),
                revision: full.name.last,
                branch: taken,
                warnings,
            }));
        }
    };
    let mut asked = request.clone();
    // The full gets a hash of its own: what has none, or a wrong one, would pass for whole.
    asked.reading.hash = HashCheck::Required;
    let work = move |session: &Session, plan: &Plan| read(session, plan, &asked);
    let folded = follow_plan(session, &branch.catalogue, &Target::Latest, work).await?;
    let name = free_name(session, request, &folded, created).await?;
    let lineage = branch.lineage.clone();
    let known = Known::read(
        (&*session.store, &*session.keys),
        &folded,
        lineage,
        request.tool.clone(),
    )
    .await?;
    let stored = store(session, request, folded, (name, known)).await?;
    let report = report(stored, taken, warnings);
    Ok(Outcome::Compacted(Box::new(report)))
}

/// A name that no earlier attempt has left metadata for.
async fn free_name(
    session: &Session,
    request: &Request,
    folded: &Folded,
    mut created: i64,
) -> Result<SnapshotName> {
    loop {
        let of = (&folded.base, &folded.last);
        let name = request.name(of, (folded.revision, created), &session.keys);
        let left = metadata::read(&*session.store, &name.to_string()).await?;
        if left.is_none() {
            return Ok(name);
        }
        created = created.saturating_add(1);
    }
}

fn report(stored: Stored, branch: Option<Taken>, mut warnings: Vec<String>) -> Report {
    let Stored {
        folded,
        key,
        made,
        proof,
    } = stored;
    let (_, deltas) = folded.plan.names();
    warnings.extend(folded.warnings);
    Report {
        compacted: true,
        snapshot: key.to_string(),
        stored_bytes: made.stored_size,
        stored_sha256: hex::encode(made.stored_sha256),
        database_bytes: folded.layout.size(),
        shown_by: match proof {
            Proof::Size => "size",
            Proof::ReadBack => "read_back",
        },
        base: folded.base.key().to_string(),
        deltas,
        fetched_bytes: folded.plan.size(),
        base_revision: folded.base_revision,
        revision: folded.revision,
        hash_kv: folded.layout.hash_kv,
        entries: folded.layout.sums.entries,
        cluster_version: folded.cluster_version,
        events: folded.events,
        repeated_events: folded.repeated,
        leases: folded.leases,
        branch,
        warnings,
    }
}
