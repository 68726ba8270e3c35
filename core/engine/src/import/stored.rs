//! The full on its way into the store.

use snapstore::Key;

use super::error::{Error, Result};
use super::read::Read;
use super::request::Request;
use crate::backups::SnapshotName;
use crate::backups::metadata::Lineage;
use crate::backups::storing::{
    self, How, Made, described, forget_stopped, key_of, note, readable, store_full, take_back,
};
use crate::error::Error as System;
use crate::history::database_pages;
use crate::progress::Phase;
use crate::session::Session;

/// Stores it under `name`, with its metadata, which is written before it ends. Where it is, and its bytes there.
pub(super) async fn store(
    session: &Session,
    request: &Request,
    (name, lineage): (SnapshotName, Option<Lineage>),
    read: Read,
) -> Result<(Key, u64)> {
    session.phase(Phase::Storing)?;
    let key = key_of(&name)?;
    let how = How {
        compression: request.compression,
        level: request.level,
        threads: request.threads,
        sending: request.sending,
        arrival: request.arrival,
    };
    let what = (read.database_bytes, read.revision);
    let (surroundings, tool) = (session.clone(), request.tool.clone());
    let (sha256, revision) = (read.sha256, read.revision);
    let before_end = move |made: &Made| {
        if made.database_sha256 != sha256 {
            let what = "the bytes that were sent are not those that were checked";
            return Err(Error::FailedCheck(what.to_owned()));
        }
        let mut metadata = described(&name, made)?;
        metadata.holds = Some(revision);
        metadata.lineage = lineage;
        metadata.tool = Some(tool);
        let metadata = readable(metadata, &surroundings.keys)?;
        let noting = async {
            let store = &*surroundings.store;
            forget_stopped(store, &key_of(&name)?, &metadata).await?;
            note::<Error>(store, &metadata).await
        };
        let noting = surroundings.cancel.run_until_cancelled(noting);
        let noted = surroundings.runtime.block_on(noting);
        noted.ok_or(Error::Interrupted)?
    };
    let writer = session.clone();
    let pages = move |out: &mut _| ((), pages(&writer, &read, out));
    match store_full(session, (&key, how), what, pages, before_end).await {
        Ok(((), made, _)) => Ok((key, made.stored_size)),
        Err(Error::Storing(
            storing::Error::Damaged { key, why } | storing::Error::DoesNotOpen { key, why },
        )) if take_back(&*session.store, &key).await => Err(Error::Spoilt { key, why }),
        Err(error) => Err(error),
    }
}

fn pages(session: &Session, read: &Read, out: &mut impl std::io::Write) -> Result<()> {
    let copied = database_pages::copy(session, &read.scratch.file, read.database_bytes, out)?;
    let path = read.scratch.path();
    Ok(copied.map_err(System::io("read a temporary file in", path))?)
}
