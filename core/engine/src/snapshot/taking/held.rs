//! What a full holds of which nothing is noted: the process ended before its metadata was written, or its pages were not
//! understood as they came by.

use std::io;

use etcd::passing::{Holds, Passing, Unclear};

use crate::backups::delta::HashCheck;
use crate::backups::full::{Copied, Sink};
use crate::backups::read_full::{Discard, read_full};
use crate::backups::{self, Snapshot, content};
use crate::error::Error as System;
use crate::session::Session;

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unknown {
    /// It could not be read, or it is damaged.
    #[error(transparent)]
    Unreadable(#[from] backups::Error),
    /// Its pages are not understood.
    #[error("what {full} holds is not known: {why}")]
    Unclear {
        full: String,
        #[source]
        why: Unclear,
    },
}

/// Reads all of a full, twice: the length of its database stands nowhere, and looking at its pages begins with it.
pub(super) async fn held(session: &Session, full: &Snapshot) -> Result<Holds, Unknown> {
    let (session, full) = (session.clone(), full.clone());
    let runtime = session.runtime.clone();
    let reading = runtime.spawn_blocking(move || {
        let Copied { length, .. } = read(&session, &full, &mut Discard)?;
        // Any revision may be its last: nobody noted what etcd told meanwhile.
        let mut pages = Pages(Passing::new(length, i64::MAX));
        read(&session, &full, &mut pages)?;
        pages.0.finish().map_err(|why| Unknown::Unclear {
            full: full.key().to_string(),
            why,
        })
    });
    let died = |_| System::Died("it read a full".to_owned());
    reading.await.map_err(died).map_err(backups::Error::from)?
}

fn read(session: &Session, full: &Snapshot, sink: &mut impl Sink) -> backups::Result<Copied> {
    let check = HashCheck::Required;
    let content = content::open(session, full, check);
    read_full((session, full), content, check, sink)
}

/// Looks at a database as it comes by.
struct Pages(Passing);

impl Sink for Pages {
    fn write(&mut self, bytes: &[u8], _offset: u64) -> io::Result<()> {
        self.0.push(bytes);
        Ok(())
    }
}
