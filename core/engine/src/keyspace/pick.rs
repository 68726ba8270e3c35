use std::collections::BTreeSet;

use bolt::{Db, ReadAt};
use etcd::mvcc::KeyValue;
use etcd::revision::Entry;
use etcd::schema::bucket;
use etcd::store_state::members;

use super::asked::Asked;
use super::origin::Backup;
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, Plan};
use crate::history::apply::Entries;
use crate::history::scratch::Scratch;
use crate::history::{
    OfBackups, follow_plan, lineage_warnings, tell, verify_file as check, warnings,
};
use crate::progress::Phase;
use crate::session::Session;

/// Takes what it wants of the entries of a chain.
pub(crate) trait Pick: Send + 'static {
    /// That of the verb.
    type Error: OfBackups + Send + 'static;

    /// Looks at an entry of the key bucket; `value` is `kv` as it is there. Those of the deltas come first, in order, then
    /// those of the full, the newest first.
    fn see(&mut self, entry: Entry, value: &[u8], kv: &KeyValue<'_>) -> Result<(), Self::Error>;

    /// Whether no older entry can change it any more.
    fn is_decided(&self) -> bool;
}

/// Reads the chain that leads to the state, and checks all of it as a verification does: what a restore would refuse is no
/// answer. `begin` makes what picks, for each attempt anew.
pub(crate) async fn pick_from_store<P: Pick>(
    session: &Session,
    asked: &Asked,
    begin: impl Fn() -> Result<P, P::Error> + Clone + Send + 'static,
) -> Result<(Backup, P), P::Error> {
    let holdings = read_some(session).await?;
    let chosen = holdings.choose(&asked.lineage, &asked.target);
    let branch = chosen.map_err(backups::Error::from)?;
    let warnings = lineage_warnings(&holdings, branch, &asked.target);
    tell(session, &warnings);
    let (mut backup, picked) = of_catalogue(session, &branch.catalogue, asked, begin).await?;
    backup.branch = holdings.taken(branch);
    backup.cluster_ids = branch.cluster_ids.clone();
    backup.warnings.splice(0..0, warnings);
    Ok((backup, picked))
}

/// The same of one database in a file, in whose directory the store of `session` is.
pub(crate) async fn pick_from_file<P: Pick>(
    session: &Session,
    file: &DatabaseFile,
    asked: &Asked,
    begin: impl Fn() -> Result<P, P::Error> + Clone + Send + 'static,
) -> Result<(Backup, P), P::Error> {
    let picked = of_catalogue(session, &file.catalogue(), asked, begin).await;
    picked.map_err(P::Error::of_file)
}

async fn of_catalogue<P: Pick>(
    session: &Session,
    catalogue: &Catalogue,
    asked: &Asked,
    begin: impl Fn() -> Result<P, P::Error> + Clone + Send + 'static,
) -> Result<(Backup, P), P::Error> {
    let how = asked.clone();
    let work = move |session: &Session, plan: &Plan| {
        let mut pick = begin()?;
        let backup = read(session, plan, &how, &mut pick)?;
        Ok((backup, pick))
    };
    follow_plan(session, catalogue, &asked.target, work).await
}

fn read<P: Pick>(
    session: &Session,
    plan: &Plan,
    asked: &Asked,
    pick: &mut P,
) -> Result<Backup, P::Error> {
    let scratch = Scratch::make(&asked.temp_dir).map_err(backups::Error::from)?;
    let phase = |phase| session.phase(phase).map_err(backups::Error::from);
    phase(Phase::Reading)?;
    let walk = scratch.walk(session, plan, asked.reading);
    let (state, deltas) = walk.base()?;
    let db = Db::open(&scratch.file).map_err(|error| walk.failed(error))?;
    let mut outcome = walk.replay(&db, &state, deltas, &mut Picking(pick))?;
    // A page that is damaged, or deltas that do not continue the full, would make another answer of it, or none.
    phase(Phase::Checking)?;
    let looked = check::look_at_base(&db, &mut outcome.index, session.seed);
    let found = looked.map_err(|wrong| walk.wrong(wrong, u64::MAX))?;
    if !pick.is_decided() {
        let seen = see_base(&db, pick);
        seen.map_err(|error| walk.unreadable(error))??;
    }
    let members = members(&db).map_err(|error| walk.unreadable(error))?;
    let (base, deltas, _) = plan.used(outcome.used);
    let hashes = scratch.remarks.hashes(asked.reading.hash);
    Ok(Backup {
        revision: outcome.revision,
        time: outcome.written,
        compact_revision: found.compact_revision,
        base,
        deltas,
        branch: None,
        cluster_ids: BTreeSet::new(),
        members: members.iter().map(|member| member.id.0).collect(),
        warnings: walk.warned(warnings(&state, hashes, None)),
    })
}

/// Shows the entries of the full, the newest first. What the one who picks says is the inner error.
fn see_base<R: ReadAt, P: Pick>(
    db: &Db<R>,
    pick: &mut P,
) -> Result<Result<(), P::Error>, etcd::Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(Ok(()));
    };
    let mut cursor = keys.cursor();
    let mut item = cursor.last()?;
    while let Some((key, value)) = item {
        let in_bucket = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
        let entry = Entry::parse(key).map_err(in_bucket)?;
        let kv = KeyValue::decode(value).map_err(in_bucket)?;
        if let Err(error) = pick.see(entry, value, &kv) {
            return Ok(Err(error));
        }
        if pick.is_decided() {
            break;
        }
        item = cursor.prev()?;
    }
    Ok(Ok(()))
}

/// Entries that go nowhere else.
struct Picking<'p, P>(&'p mut P);

impl<P: Pick> Entries for Picking<'_, P> {
    type Error = P::Error;

    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), P::Error> {
        let broken = |malformed: etcd::Malformed| {
            P::Error::from(backups::Error::Inconsistent(malformed.to_string()))
        };
        let entry = Entry::parse(key).map_err(broken)?;
        self.0
            .see(entry, value, &KeyValue::decode(value).map_err(broken)?)
    }
}
