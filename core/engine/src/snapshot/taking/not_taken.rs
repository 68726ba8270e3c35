//! A full that does not count as taken, and what there is of it in the store.

use std::time::Duration;

use snapstore::{ErrorKind, Key, ObjectId};

use crate::backups::storing::{self, take_back};
use crate::session::Session;
use crate::snapshot::error::Error;
use crate::snapshot::full::Request;
use crate::snapshot::machine::{Base, Object};

/// How long the store is asked: deltas may wait for the answer.
const ASKED: Duration = Duration::from_secs(10);

/// One that does not count.
#[derive(Debug)]
pub(super) struct NotTaken {
    pub(super) error: Error,
    pub(super) object: Object,
}

/// Of one that was not begun.
impl From<Error> for NotTaken {
    fn from(error: Error) -> Self {
        let object = Object::Absent;
        Self { error, object }
    }
}

impl NotTaken {
    /// Asks the store whether it is there all the same: its last answer may have been lost, or have come when nobody
    /// waited any more. It is removed then where deltas lead past it: they may end below what it holds.
    pub(super) async fn look(
        session: &Session,
        request: &Request,
        base: Base,
        error: Error,
    ) -> Self {
        let is_answered = !matches!(error, Error::Unanswered);
        let is_damaged = matches!(error, Error::Storing(storing::Error::Damaged { .. }));
        let goes = base == Base::Continues || is_damaged;
        let object = match request.key(&session.keys) {
            Ok(key) => tokio::select! {
                object = looked(session, &key, (goes, is_answered)) => object,
                () = session.clock.sleep(ASKED) => Object::Unknown,
            },
            // What has no name was not sent.
            Err(_) => Object::Absent,
        };
        Self { error, object }
    }
}

async fn looked(session: &Session, key: &Key, (goes, is_answered): (bool, bool)) -> Object {
    let object = ObjectId::from(key.clone());
    match session.store.head(&object).await {
        Err(error) if error.kind() == ErrorKind::NotFound && is_answered => Object::Absent,
        Ok(_) if goes && take_back(&*session.store, key).await => Object::Absent,
        Ok(_) | Err(_) => Object::Unknown,
    }
}
