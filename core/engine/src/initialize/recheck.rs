//! Reads an object again: is the object damaged, or was the download? Only a damaged object justifies an
//! older state.

use std::io;

use snapstore::Key;

use crate::backups::branches::Holdings;
use crate::backups::content::Content;
use crate::backups::delta::{Batch, DeltaReader, ReadOptions, Times};
use crate::backups::download::{Body, download};
use crate::backups::fetch::{Source, unreadable};
use crate::backups::read_full::{Discard, read_full};
use crate::backups::{Catalogue, Error, Kind, Reading, Result, Snapshot, read_holdings};
use crate::error::Error as System;
use crate::session::Session;

/// What reading an object a second time found.
pub(crate) enum Seen {
    /// It was read whole, as long as the store lists it, and is damaged in itself: how.
    Damaged(String),
    /// Alone it can be read to its end, and its hash is right.
    Sound,
    /// The store does not list it any more, or another object under its name; this is what it lists.
    Changed(Holdings),
}

/// Looks at `object` again, which was found in `catalogue`: lists the store anew, and reads the
/// object alone from its first byte to its last.
///
/// Errors: `Store` if it cannot be read whole.
pub(crate) async fn read_again(
    session: &Session,
    catalogue: &Catalogue,
    object: &Key,
    reading: Reading,
) -> Result<Seen> {
    let now = read_holdings(session).await?;
    let Some(snapshot) = still_there(catalogue, &now.listed, object) else {
        return Ok(Seen::Changed(now));
    };
    let session = session.clone();
    let looking = tokio::task::spawn_blocking(move || read_alone(&session, &snapshot, reading));
    match looking
        .await
        .map_err(|died| System::Died(died.to_string()))?
    {
        Ok(()) => Ok(Seen::Sound),
        Err(Error::Damaged { what, .. } | Error::WrongHash { what, .. }) => Ok(Seen::Damaged(what)),
        Err(other) => Err(other),
    }
}

/// The object, if it is listed as it was. A tag is compared where both listings tell one.
pub(crate) fn still_there(before: &Catalogue, now: &Catalogue, object: &Key) -> Option<Snapshot> {
    let of = |catalogue: &Catalogue| {
        let mut all = catalogue.snapshots.iter();
        all.find(|snapshot| snapshot.key() == object).cloned()
    };
    let (before, now) = (of(before)?, of(now)?);
    let same_tag = match (&before.etag, &now.etag) {
        (Some(before), Some(now)) => before == now,
        _ => true,
    };
    (before.size == now.size && same_tag).then_some(now)
}

fn read_alone(session: &Session, snapshot: &Snapshot, reading: Reading) -> Result<()> {
    let mut body = download(session, snapshot);
    let content = Content::of((session, snapshot), &mut body, reading.hash);
    let read = match snapshot.name.kind {
        Kind::Full => read_full((session, snapshot), content, reading.hash, &mut Discard).map(drop),
        Kind::Delta => delta(session, snapshot, content, reading),
    };
    // Damage may be found in the middle. What comes after it must come all the same.
    if let Err(Error::Damaged { .. } | Error::WrongHash { .. }) | Ok(()) = &read {
        to_the_end(&mut body).map_err(|error| unreadable(session, snapshot, error))?;
    }
    session.go_on()?;
    read
}

fn to_the_end(body: &mut Body) -> io::Result<()> {
    io::copy(body, &mut io::sink()).map(drop)
}

fn delta(
    session: &Session,
    snapshot: &Snapshot,
    content: Content<&mut Body>,
    reading: Reading,
) -> Result<()> {
    let source = Source {
        session: session.clone(),
        options: ReadOptions {
            hash: reading.hash,
            leases: reading.leases,
            seed: session.seed,
            times: Times::Ignored,
        },
    };
    let mut reader = DeltaReader::new(&snapshot.name, content, source.options);
    let mut batch = Batch::default();
    loop {
        let more = reader.next_batch(&mut batch);
        if !more.map_err(|error| source.failure(snapshot, error))? {
            return Ok(());
        }
    }
}
