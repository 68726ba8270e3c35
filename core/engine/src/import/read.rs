//! The file, unpacked and checked as in a verification.

use std::io::{self, Write};

use bolt::Db;
use etcd::store_state::members;
use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use super::request::Request;
use crate::backups::delta::LeasePolicy;
use crate::backups::{self, DatabaseFile, Plan, Reading, Target};
use crate::error::Error as System;
use crate::history::apply::Entries;
use crate::history::scratch::Scratch;
use crate::history::{
    Hashes, OfBackups, database_pages, follow_plan, live_keys, verify_file as check, warnings,
};
use crate::progress::Phase;
use crate::session::Session;

/// What is in the file.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) scratch: Scratch,
    pub(super) revision: i64,
    pub(super) compact_revision: Option<i64>,
    pub(super) hash_kv: u32,
    pub(super) keys: u64,
    pub(super) database_bytes: u64,
    pub(super) sha256: [u8; 32],
    pub(super) members: Vec<String>,
    pub(super) cluster_version: Option<String>,
    pub(super) hashes: Hashes,
    pub(super) warnings: Vec<String>,
}

/// Reads all of it. The store of `session` is its directory.
pub(super) async fn read(
    session: &Session,
    file: &DatabaseFile,
    request: &Request,
) -> Result<Read> {
    let reading = Reading {
        hash: request.check(),
        leases: LeasePolicy::Keep,
        fetchers: 1,
    };
    let temp_dir = request.temp_dir.clone();
    let work = move |session: &Session, plan: &Plan| {
        let scratch = Scratch::make(&temp_dir)?;
        checked(session, plan, reading, scratch)
    };
    let read = follow_plan(session, &file.catalogue(), &Target::Latest, work).await;
    read.map_err(Error::of_file)
}

fn checked(session: &Session, plan: &Plan, reading: Reading, scratch: Scratch) -> Result<Read> {
    session.phase(Phase::Verifying)?;
    let walk = scratch.walk(session, plan, reading);
    let (state, deltas) = walk.base()?;
    let unreadable = |error| Error::from(walk.unreadable(error));
    let db = Db::open(&scratch.file).map_err(|error| walk.failed(error))?;
    let mut outcome = walk.replay(&db, &state, deltas, &mut Nothing)?;
    session.phase(Phase::Checking)?;
    let looked = check::look_at_base(&db, &mut outcome.index, session.seed);
    let found = looked.map_err(|wrong| walk.wrong(wrong, u64::MAX))?;
    let keys = live_keys::count(&db, state.revision, session.seed).map_err(unreadable)?;
    let members = members(&db).map_err(unreadable)?.into_iter();
    let members = members.map(|one| match one.name.as_str() {
        "" => one.id.to_string(),
        name => name.to_owned(),
    });
    let members = members.collect();
    let database_bytes = db.logical_size();
    let mut hash = Hash(Sha256::new());
    database_pages::copy(session, &scratch.file, database_bytes, &mut hash)?
        .map_err(System::io("read a temporary file in", scratch.path()))?;
    let hashes = scratch.remarks.hashes(reading.hash);
    let warnings = walk.warned(warnings(&state, hashes, None));
    Ok(Read {
        revision: state.revision,
        compact_revision: found.compact_revision,
        hash_kv: found.hash_kv,
        keys,
        database_bytes,
        sha256: hash.0.finalize().into(),
        members,
        cluster_version: state.cluster_version,
        hashes,
        warnings,
        scratch,
    })
}

/// A file has no deltas, so no events.
struct Nothing;

impl Entries for Nothing {
    type Error = backups::Error;

    fn push(&mut self, _key: &[u8], _value: &[u8]) -> Result<(), backups::Error> {
        Ok(())
    }
}

struct Hash(Sha256);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
