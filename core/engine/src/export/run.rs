use std::io::{self, Write};

use bolt::WriteAt;
use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use super::report::Report;
use super::request::Request;
use super::room::{self, Room};
use super::unpacked::{Unpacked, unpack};
use crate::backups::listing::read_some;
use crate::backups::{self, Catalogue, DatabaseFile, Plan};
use crate::error::Error as System;
use crate::history::{OfBackups, database_pages, follow_plan, lineage_warnings, tell};
use crate::progress::Phase;
use crate::session::Session;

/// Writes the state that is asked for as a snapshot, into the file that `request` names, or to `out` if it names none. When
/// this returns `Ok`, the file is whole, checked and on stable storage; when it fails, there is none, or the one that was there
/// before.
pub async fn export(
    session: &Session,
    request: &Request,
    out: impl Write + Send + 'static,
) -> Result<Report> {
    request.check()?;
    room::look(&request.place)?;
    let holdings = read_some(session).await?;
    let chosen = holdings.choose(&request.lineage, &request.target);
    let branch = chosen.map_err(backups::Error::from)?;
    let warnings = lineage_warnings(&holdings, branch, &request.target);
    tell(session, &warnings);
    let mut report = of_catalogue(session, &branch.catalogue, request, out).await?;
    report.branch = holdings.taken(branch);
    report.warnings.splice(0..0, warnings);
    Ok(report)
}

/// The same of one database in a file, in whose directory the store of `session` is: what was packed comes out plain.
pub async fn export_file(
    session: &Session,
    file: &DatabaseFile,
    request: &Request,
    out: impl Write + Send + 'static,
) -> Result<Report> {
    request.check()?;
    room::look(&request.place)?;
    let exported = of_catalogue(session, &file.catalogue(), request, out).await;
    exported.map_err(Error::of_file)
}

async fn of_catalogue(
    session: &Session,
    catalogue: &Catalogue,
    request: &Request,
    out: impl Write + Send + 'static,
) -> Result<Report> {
    let asked = request.clone();
    let work = move |session: &Session, plan: &Plan| unpack(session, plan, &asked);
    let unpacked = follow_plan(session, catalogue, &request.target, work).await?;
    let surroundings = session.clone();
    let writing = tokio::task::spawn_blocking(move || match unpacked.room {
        Room::Beside(..) => write(&surroundings, unpacked, io::sink()),
        Room::Unnamed(..) => write(&surroundings, unpacked, out),
    });
    let died = |error: tokio::task::JoinError| System::Died(error.to_string());
    writing.await.map_err(died)?
}

/// Ends the snapshot with its hash, and gives it its name or to `out`.
fn write(session: &Session, mut unpacked: Unpacked, mut out: impl Write) -> Result<Report> {
    session.phase(Phase::Flushing)?;
    let length = unpacked.database_bytes();
    let failed = unpacked.failed();
    let mut hashed = Hashed {
        out: &mut out,
        hash: Sha256::new(),
        has_failed: false,
    };
    let copied = database_pages::copy(session, &unpacked.scratch.file, length, &mut hashed)?;
    let has_failed = hashed.has_failed;
    let sha256: [u8; 32] = hashed.hash.finalize().into();
    copied.map_err(|error| match has_failed {
        true => Error::Output(error),
        false => failed(error),
    })?;
    out.write_all(&sha256)
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    // What bbolt lets grow after its pages is no part of a snapshot.
    let file = &unpacked.scratch.file;
    WriteAt::set_len(file, length)
        .and_then(|()| file.write_all_at(&sha256, length))
        .and_then(|()| WriteAt::sync(file))
        .map_err(&failed)?;
    session.go_on()?;
    unpacked.report.bytes = length + sha256.len() as u64;
    unpacked.report.sha256 = hex::encode(sha256);
    drop(unpacked.scratch);
    unpacked.report.file = unpacked.room.publish()?;
    Ok(unpacked.report)
}

/// What goes to a stream, hashed.
struct Hashed<W> {
    out: W,
    hash: Sha256,
    /// Whether it was the stream that failed, and not the file that is read.
    has_failed: bool,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.has_failed = written.is_err();
        let written = written?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
