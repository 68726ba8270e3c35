use bolt::{Db, ReadAt};
use etcd::mvcc::KeyValue;
use etcd::revision::Entry;
use etcd::schema::bucket;

use super::answer::Answer;
use super::error::{Error, Result};
use super::gathered::{Gathered, TooMuch};
use super::request::Request;
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, Plan};
use crate::history::apply::Entries;
use crate::history::scratch::Scratch;
use crate::history::{
    OfBackups, follow_plan, lineage_warnings, tell, verify_file as check, warnings,
};
use crate::progress::Phase;
use crate::session::Session;

/// Reads keys as they were in the state that is asked for. All of its chain is read and checked as by a verification: what a
/// restore would refuse is no answer.
pub async fn get(session: &Session, request: &Request) -> Result<Answer> {
    let holdings = read_some(session).await?;
    let chosen = holdings.choose(&request.lineage, &request.target);
    let branch = chosen.map_err(backups::Error::from)?;
    let warnings = lineage_warnings(&holdings, branch, &request.target);
    tell(session, &warnings);
    let mut answer = of_catalogue(session, &branch.catalogue, request).await?;
    answer.branch = holdings.taken(branch);
    answer.warnings.splice(0..0, warnings);
    Ok(answer)
}

/// The same of one database in a file, in whose directory the store of `session` is.
pub async fn get_file(session: &Session, file: &DatabaseFile, request: &Request) -> Result<Answer> {
    let answer = of_catalogue(session, &file.catalogue(), request).await;
    answer.map_err(Error::of_file)
}

async fn of_catalogue(
    session: &Session,
    catalogue: &Catalogue,
    request: &Request,
) -> Result<Answer> {
    let asked = request.clone();
    let work = move |session: &Session, plan: &Plan| read(session, plan, &asked);
    follow_plan(session, catalogue, &request.target, work).await
}

fn read(session: &Session, plan: &Plan, request: &Request) -> Result<Answer> {
    let scratch = Scratch::make(&request.temp_dir)?;
    session.phase(Phase::Reading)?;
    let walk = scratch.walk(session, plan, request.reading);
    let (state, deltas) = walk.base()?;
    let db = Db::open(&scratch.file).map_err(|error| walk.failed(error))?;
    let mut picked = Picked::new(request);
    let mut outcome = walk.replay(&db, &state, deltas, &mut picked)?;
    // A page that is damaged, or deltas that do not continue the full, would make another answer of it, or none.
    session.phase(Phase::Checking)?;
    let looked = check::look_at_base(&db, &mut outcome.index, session.seed);
    let found = looked.map_err(|wrong| walk.wrong(wrong, u64::MAX))?;
    if !picked.gathered.is_decided() {
        let seen = see_base(&db, &mut picked);
        seen.map_err(|error| walk.unreadable(error))??;
    }
    let (base, deltas, _) = plan.used(outcome.used);
    let hashes = scratch.remarks.hashes(request.reading.hash);
    Ok(Answer {
        revision: outcome.revision,
        time: outcome.written,
        compact_revision: found.compact_revision,
        base,
        deltas,
        branch: None,
        versions: picked.gathered.into_versions(),
        warnings: walk.warned(warnings(&state, hashes, None)),
    })
}

/// Looks at the entries of the full, the newest first. What is too much is the inner error.
fn see_base<R: ReadAt>(db: &Db<R>, picked: &mut Picked) -> Result<Result<()>, etcd::Error> {
    let Some(keys) = db.bucket(bucket::KEY)? else {
        return Ok(Ok(()));
    };
    let mut cursor = keys.cursor();
    let mut item = cursor.last()?;
    while let Some((key, value)) = item {
        let in_bucket = |malformed: etcd::Malformed| malformed.in_bucket(bucket::KEY, key);
        let entry = Entry::parse(key).map_err(in_bucket)?;
        let kv = KeyValue::decode(value).map_err(in_bucket)?;
        if let Err(too_much) = picked.see(entry, &kv) {
            return Ok(Err(too_much));
        }
        if picked.gathered.is_decided() {
            break;
        }
        item = cursor.prev()?;
    }
    Ok(Ok(()))
}

/// What is asked for, out of entries that go nowhere.
struct Picked {
    gathered: Gathered,
    memory: usize,
}

impl Picked {
    fn new(request: &Request) -> Self {
        let Request {
            keys,
            span,
            detail,
            memory,
            ..
        } = request.clone();
        Self {
            gathered: Gathered::new(keys, span, detail, memory),
            memory,
        }
    }

    fn see(&mut self, entry: Entry, kv: &KeyValue<'_>) -> Result<()> {
        let memory = self.memory;
        let seen = self.gathered.see(entry, kv);
        seen.map_err(|TooMuch| Error::TooMuch { memory })
    }
}

impl Entries for Picked {
    type Error = Error;

    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let broken = |malformed: etcd::Malformed| Error::FailedCheck(malformed.to_string());
        let entry = Entry::parse(key).map_err(broken)?;
        self.see(entry, &KeyValue::decode(value).map_err(broken)?)
    }
}
