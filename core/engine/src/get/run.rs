use etcd::mvcc::KeyValue;
use etcd::revision::Entry;

use super::answer::Answer;
use super::error::{Error, Result};
use super::gathered::{Gathered, TooMuch};
use super::request::Request;
use crate::backups::DatabaseFile;
use crate::keyspace::{Backup, Pick, pick_from_file, pick_from_store};
use crate::session::Session;

/// Reads keys as they were in the state that is asked for. All of its chain is read and checked as by a verification: what a
/// restore would refuse is no answer.
pub async fn get(session: &Session, request: &Request) -> Result<Answer> {
    let picked = pick_from_store(session, &request.asked, Picked::of(request)).await?;
    Ok(answer(picked))
}

/// The same of one database in a file, in whose directory the store of `session` is.
pub async fn get_file(session: &Session, file: &DatabaseFile, request: &Request) -> Result<Answer> {
    let picked = pick_from_file(session, file, &request.asked, Picked::of(request)).await?;
    Ok(answer(picked))
}

fn answer((backup, picked): (Backup, Picked)) -> Answer {
    Answer {
        backup,
        versions: picked.gathered.into_versions(),
    }
}

/// What is asked for.
struct Picked {
    gathered: Gathered,
    memory: usize,
}

impl Picked {
    fn of(request: &Request) -> impl Fn() -> Result<Self> + Clone + Send + use<> {
        let Request {
            keys,
            span,
            detail,
            memory,
            ..
        } = request.clone();
        move || {
            Ok(Self {
                gathered: Gathered::new(keys.clone(), span, detail, memory),
                memory,
            })
        }
    }
}

impl Pick for Picked {
    type Error = Error;

    fn see(&mut self, entry: Entry, _: &[u8], kv: &KeyValue<'_>) -> Result<()> {
        let memory = self.memory;
        let seen = self.gathered.see(entry, kv);
        seen.map_err(|TooMuch| Error::TooMuch { memory })
    }

    fn is_decided(&self) -> bool {
        self.gathered.is_decided()
    }
}
