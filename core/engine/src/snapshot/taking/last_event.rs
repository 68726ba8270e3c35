use std::io::Read;

use crate::backups::delta::{Batch, DeltaReader, HashCheck, LeasePolicy, ReadOptions, Times};
use crate::backups::fetch::Source;
use crate::backups::{Snapshot, content};
use crate::error::Error as System;
use crate::session::Session;
use crate::snapshot::deltas::{Generation, Witness};
use etcd::revision::Kind;

/// The last event of a delta about which nothing is known but its name.
///
/// Errors: the store's, and that it is damaged.
pub(super) async fn last_event(
    session: &Session,
    delta: &Snapshot,
) -> crate::backups::Result<Option<Witness>> {
    let (session, delta) = (session.clone(), delta.clone());
    let runtime = session.runtime.clone();
    let read = runtime.spawn_blocking(move || {
        let options = ReadOptions {
            hash: HashCheck::Required,
            leases: LeasePolicy::Keep,
            seed: session.seed,
            times: Times::Ignored,
        };
        let content = content::open(&session, &delta, options.hash);
        let source = Source { session, options };
        let reader = DeltaReader::new(&delta.name, content, options);
        last_of(reader).map_err(|error| source.failure(&delta, error))
    });
    let died = |_| System::Died("it read the last event of a delta".to_owned());
    read.await.map_err(died)?
}

fn last_of(
    mut reader: DeltaReader<impl Read>,
) -> Result<Option<Witness>, crate::backups::delta::DeltaError> {
    let (mut batch, mut last) = (Batch::default(), None);
    while reader.next_batch(&mut batch)? {
        let Some(event) = batch.events().last() else {
            continue;
        };
        let put = (event.entry.kind == Kind::Put).then_some(Generation {
            create_revision: event.create_revision,
            version: event.version,
        });
        last = Some(Witness {
            key: batch.key(event).to_vec().into(),
            mod_revision: event.entry.revision.main,
            put,
        });
    }
    Ok(last)
}
