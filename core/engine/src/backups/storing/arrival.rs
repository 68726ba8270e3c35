//! Whether an object has arrived: by what the store says of it, or by reading it back.

use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use snapstore::{Key, ObjectId, ObjectMeta, Snapstore};

use super::error::{Error, Result};
use super::side::Side;
use super::waits::Waits;

/// What has to show that an object is in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrival {
    /// The store took it, and has as many bytes: what they are rests on the checksums that are compared on the way.
    /// A store that compares none ([`checks_content`](snapstore::Capabilities::checks_content)) is read back.
    #[default]
    Size,
    /// It is read back, whatever the store says.
    ReadBack,
}

/// What has shown that an object is in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The store took it without an error, and has as many bytes as were sent.
    Size,
    /// It was read back, and has the hash of what was sent.
    ReadBack,
}

/// What was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub(crate) key: &'a Key,
    pub(crate) size: u64,
    pub(crate) sha256: [u8; 32],
    pub(crate) wanted: Arrival,
}

/// What shows that it has arrived, after the store has given this `answer`.
///
/// An answer that says how long the object is may repeat what we said: the store is asked.
pub(crate) async fn prove(
    store: &dyn Snapstore,
    sent: Sent<'_>,
    answer: snapstore::Result<ObjectMeta>,
    waits: Waits<'_>,
) -> Result<Proof> {
    let object = ObjectId::from(sent.key.clone());
    let head = waits.until(store.head(&object)).await?;
    let by_size = sent.wanted == Arrival::Size && store.capabilities().checks_content;
    match (answer, head) {
        (Ok(answer), Ok(head)) if by_size && [answer.size, head.size] == [sent.size; 2] => {
            Ok(Proof::Size)
        }
        (Ok(_), Ok(head)) if head.size != sent.size => Err(sent.damaged(head.size)),
        (Ok(_), _) => match read_back(store, &object, waits).await? {
            Ok(found) => sent.compare(found),
            Err(source) => Err(Error::Unproven {
                key: sent.key.clone(),
                source,
            }),
        },
        (Err(lost), Ok(head)) if head.size == sent.size => {
            // The same bytes under this name can only be ours: the answer was lost.
            let found = read_back(store, &object, waits).await?;
            let ours = found.is_ok_and(|found| sent.compare(found).is_ok());
            ours.then_some(Proof::ReadBack).ok_or(sent.refused(lost))
        }
        (Err(refused), _) => Err(sent.refused(refused)),
    }
}

impl Sent<'_> {
    fn compare(&self, (size, sha256): (u64, [u8; 32])) -> Result<Proof> {
        match (size == self.size, sha256 == self.sha256) {
            (true, true) => Ok(Proof::ReadBack),
            (false, _) => Err(self.damaged(size)),
            (true, false) => Err(Error::Damaged {
                key: self.key.clone(),
                why: "its SHA-256 is another".to_owned(),
            }),
        }
    }

    fn damaged(&self, size: u64) -> Error {
        Error::Damaged {
            key: self.key.clone(),
            why: format!("it has {size} bytes, and {} were sent", self.size),
        }
    }

    fn refused(&self, source: snapstore::Error) -> Error {
        Error::Store {
            key: self.key.clone(),
            source,
        }
    }
}

/// Size and SHA-256 of what is there.
pub(crate) async fn read_back(
    store: &dyn Snapstore,
    object: &ObjectId,
    waits: Waits<'_>,
) -> Result<snapstore::Result<(u64, [u8; 32])>> {
    let mut body = match waits.until(store.get(object, None)).await? {
        Ok(download) => download.body,
        Err(error) => return Ok(Err(error)),
    };
    let (mut size, mut hasher) = (0, Sha256::new());
    loop {
        match waits.on(Side::Store, body.try_next()).await? {
            Ok(Some(piece)) => {
                size += piece.len() as u64;
                hasher.update(&piece);
            }
            Ok(None) => return Ok(Ok((size, hasher.finalize().into()))),
            Err(error) => return Ok(Err(error)),
        }
    }
}
