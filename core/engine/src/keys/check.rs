use std::io;

use super::error::Result;
use super::list::{found, without_key};
use super::report::Checked;
use super::used::{location, used};
use crate::backups::delta::HashCheck;
use crate::backups::fetch::unreadable;
use crate::backups::{self, Snapshot, content};
use crate::error::Error as System;
use crate::session::Session;

/// Whether every key that an object names is there and opens, and whether the newest object of each decrypts to its end.
pub async fn check(session: &Session) -> Result<Checked> {
    let used = used(session).await?;
    let mut checked = Checked {
        location: location(session),
        keys: 0,
        read: Vec::new(),
        objects: 0,
        failed: without_key(&used),
        plain: used.plain,
    };
    let known = used.by_key.iter().filter(|(id, _)| used.there.contains(id));
    for (_, objects) in known {
        let newest = objects
            .iter()
            .max_by_key(|one| (one.name.created, one.name.last));
        let Some(newest) = newest else { continue };
        match read(session, newest).await {
            Ok(()) => {
                checked.keys += 1;
                checked.objects += objects.len();
                checked.read.push(newest.key().to_string());
            }
            Err(backups::Error::System(System::Interrupted)) => {
                return Err(super::Error::Interrupted);
            }
            Err(error @ backups::Error::Store { .. }) => return Err(error.into()),
            Err(error) => checked.failed.push(found(newest, error.to_string())),
        }
    }
    Ok(checked)
}

async fn read(session: &Session, snapshot: &Snapshot) -> backups::Result<()> {
    let (of, snapshot) = (session.clone(), snapshot.clone());
    let reading = tokio::task::spawn_blocking(move || {
        let mut content = content::open(&of, &snapshot, HashCheck::Required);
        let read = io::copy(&mut content, &mut io::sink());
        read.map_err(|error| unreadable(&of, &snapshot, error))
    });
    let read = reading.await;
    read.map_err(|died| System::Died(died.to_string()))??;
    Ok(session.go_on()?)
}
