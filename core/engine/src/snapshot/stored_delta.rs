use std::io;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use snapstore::clock::Clock;
use snapstore::{Bytes, PutOptions, Snapstore};
use tokio_util::sync::CancellationToken;

use super::deltas::Witness;
use super::error::Result;
use crate::backups::SnapshotName;
use crate::backups::delta::DeltaContent;
use crate::backups::storing::{Arrival, Proof, Sent, Waits, keep, key_of, opens, prove};
use crate::encryption::{ChainKey, Keyring, Sealer};

/// A delta that is closed, under the name that it keeps: an upload whose answer is lost is found again by it.
#[derive(Debug, Clone)]
pub struct ClosedDelta {
    /// Its name.
    pub name: SnapshotName,
    /// The object.
    pub object: Bytes,
    /// Bytes of JSON in it.
    pub json: u64,
    /// How many events there are.
    pub events: u64,
    /// SHA-256 of the JSON.
    pub json_sha256: [u8; 32],
    /// SHA-256 of the object.
    pub stored_sha256: [u8; 32],
    /// The key that it is encrypted with, if it is.
    pub encrypted_with: Option<Arc<ChainKey>>,
    /// Its last event; `None` where nobody has looked.
    pub witness: Option<Witness>,
}

impl ClosedDelta {
    /// What was written, under a name.
    pub fn new(name: SnapshotName, content: DeltaContent, witness: Option<Witness>) -> Self {
        Self {
            name,
            stored_sha256: Sha256::digest(&content.object).into(),
            object: content.object.into(),
            json: content.json,
            events: content.events,
            json_sha256: content.sha256,
            encrypted_with: None,
            witness,
        }
    }

    /// The same, encrypted with this key.
    ///
    /// Errors: none in memory; the format may refuse nevertheless.
    pub fn encrypted(self, with: Arc<ChainKey>) -> io::Result<Self> {
        let object = Sealer::sealed(&with, &self.name.encrypted_as(), &self.object)?;
        Ok(Self {
            stored_sha256: Sha256::digest(&object).into(),
            object: object.into(),
            encrypted_with: Some(with),
            ..self
        })
    }
}

/// Stores a delta. It counts as taken only when this returns what has shown it.
pub async fn store(
    (store, keys): (&dyn Snapstore, &Keyring),
    clock: &dyn Clock,
    delta: &ClosedDelta,
    wanted: Arrival,
) -> Result<Proof> {
    let key = key_of(&delta.name)?;
    if let Some(with) = &delta.encrypted_with {
        keep(store, keys, (&key, with)).await?;
    }
    let put = store.put(&key, delta.object.clone(), PutOptions::default());
    let answer = put.await;
    let sent = Sent {
        key: &key,
        size: delta.object.len() as u64,
        sha256: delta.stored_sha256,
        wanted,
    };
    // What is held is stored also when somebody asks to stop; the store has deadlines of its own.
    let waits = Waits {
        clock,
        stall: std::time::Duration::MAX,
        cancel: &CancellationToken::new(),
    };
    let proof = prove(store, sent, answer, waits).await?;
    let size = delta.object.len() as u64;
    let with = delta.encrypted_with.as_ref();
    opens((store, keys), (&key, size), with, waits).await?;
    Ok(proof)
}
