use std::future::Future;
use std::pin::Pin;

use client::{Etcd, Read, SnapshotPiece, SnapshotStream};
use futures::future::{Either, select};
use snapstore::{Bytes, ObjectMeta, send_until};
use tokio::sync::oneshot;

use super::request::Request;
use super::source::{Source, pass_on};
use super::taken::{Opened, TakenFull};
use crate::backups::encoder::Encoder;
use crate::backups::storing::{
    self, Content, Made, Place, Sent, Side, Waits, key_for, opens, prove, sealer,
};
use crate::error as machine;
use crate::session::Session;
use crate::snapshot::error::{Error, Result};

/// Takes one full of `etcd` into the store of `session`. `opened` is told as soon as it is known what the full
/// may hold, long before it is stored.
///
/// It counts as taken only when this returns it: see [`Proof`](crate::snapshot::Proof). Dropping the future ends etcd's
/// transaction, and the upload without an object.
pub async fn take(
    session: &Session,
    etcd: &dyn Etcd,
    request: &Request,
    opened: impl FnOnce(Opened) + Send,
) -> Result<TakenFull> {
    let waits = Waits {
        clock: &*session.clock,
        stall: request.stall,
        cancel: &session.cancel,
    };
    let key = request.key(&session.keys)?;
    let (stream, first, begun) = open(etcd, request.revision, waits).await?;
    opened(begun.clone());
    let storage_version = stream.storage_version().map(str::to_owned);
    // A key is made when there is something to encrypt: not while etcd does not answer.
    let made = key_for(&*session.store, &session.keys, (&key, Place::Begins));
    let with = waits.until(made).await??;
    let encoder = Encoder::on_threads(request.compression, request.level, request.threads);
    let encoder = encoder.map_err(storing::Error::Machine)?;
    let sealer = with.as_ref().map(|with| sealer(&key, with)).transpose()?;
    let how = (request.compression, encoder, sealer);
    let revisions = request.revision..=begun.head.revision;
    let content = Content::start(how, begun.size, revisions, |_| Ok(()))?;
    let sending = request.sending(begun.size, session.store.capabilities());
    let (fed, body, made) = content.split();
    let (answer, made) = {
        let source = pass_on(stream, first, (fed, session), waits);
        let stop = session.cancel.cancelled();
        let upload = send_until(&*session.store, &key, body, sending, stop);
        run(Box::pin(source), Box::pin(upload), made, waits).await?
    };
    let made = match (made, answer) {
        (Ok(made), answer) => (made, answer),
        // The store gave up first: what was made is not whole for that reason alone.
        (Err(Error::Interrupted), Err(source)) => {
            return Err(storing::Error::Store { key, source }.into());
        }
        (Err(error), _) => return Err(error),
    };
    let (made, answer) = made;
    let sent = Sent {
        key: &key,
        size: made.stored_size,
        sha256: made.stored_sha256,
        wanted: request.arrival,
    };
    let proof = prove(&*session.store, sent, answer, waits).await?;
    let size = made.stored_size;
    let place = (&*session.store, &*session.keys);
    opens(place, (&key, size), with.as_ref(), waits).await?;
    Ok(TakenFull {
        name: request.name(&session.keys),
        stored_size: made.stored_size,
        stored_sha256: made.stored_sha256,
        raw_size: made.raw_size,
        database_sha256: made.database_sha256,
        storage_version,
        opened: begun,
        holds: made.holds,
        encrypted_with: made.key,
        proof,
        key,
    })
}

/// Opens the stream of a member that has applied `revision`, reads its first piece, and asks the same member for its
/// newest revision then: the transaction that is streamed began before.
async fn open(
    etcd: &dyn Etcd,
    revision: i64,
    waits: Waits<'_>,
) -> Result<(Box<dyn SnapshotStream>, Bytes, Opened)> {
    // Whoever answers this is asked from here on, and no other member in its place.
    waits.on(Side::Etcd, etcd.head(Read::Local)).await??;
    let member = etcd.at(&etcd.endpoint());
    let applied = waits.on(Side::Etcd, member.head(Read::Local)).await??;
    if applied.revision < revision {
        return Err(Error::Behind {
            endpoint: member.endpoint(),
            head: applied.revision,
            revision,
        });
    }
    let mut stream = waits.on(Side::Etcd, member.snapshot()).await??;
    let SnapshotPiece::Database(first) = waits.on(Side::Etcd, stream.next()).await?? else {
        return Err(storing::Error::Changed.into());
    };
    let endpoint = stream.endpoint().clone();
    let head = waits.on(Side::Etcd, member.head(Read::Local)).await??;
    let opened = Opened {
        head,
        endpoint,
        size: stream.size(),
    };
    Ok((stream, first, opened))
}

type Answer = snapstore::Result<ObjectMeta>;
type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Reads and sends side by side: the store's answer, and what was made.
async fn run(
    source: Step<'_, Result<Source>>,
    mut upload: Step<'_, Answer>,
    made: oneshot::Receiver<Result<Made>>,
    waits: Waits<'_>,
) -> Result<(Answer, Result<Made>)> {
    let answer = match select(source, &mut upload).await {
        Either::Left((Ok(Source::Whole | Source::Unread), _)) => {
            let ended = waits.ends(upload).await;
            waits.wanted(ended.map_err(|_| Error::Unanswered)?)?
        }
        Either::Left((Err(error), _)) => {
            // The upload hears of it and removes its parts, if the store lets it; what it leaves is removed
            // by age.
            let ended = tokio::select! {
                biased;
                ended = waits.ends(&mut upload) => ended.is_ok(),
                // Its body has failed: it makes no object.
                () = waits.clock.sleep(waits.stall) => true,
            };
            return Err(if ended { error } else { Error::Unanswered });
        }
        // The source, and with it etcd's transaction, ends here.
        Either::Right((answer, source)) => {
            drop(source);
            answer
        }
    };
    let died = |_| storing::Error::Machine(machine::Error::Died("it compressed a full".to_owned()));
    Ok((answer, made.await.map_err(died)?))
}
