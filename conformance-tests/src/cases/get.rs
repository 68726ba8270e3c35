use std::sync::Arc;

use futures::StreamExt;
use futures::future::try_join_all;
use snapstore::clock::SystemClock;
use snapstore::layers::{Deadlines, Timeout};
use snapstore::{ErrorKind, ObjectId, Snapstore};

use crate::case::cases;
use crate::context::{body, shown};
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("get":
    Nothing a_range_is_those_bytes,
    Nothing a_range_is_cut_at_the_end,
    Nothing a_range_of_an_empty_object_is_empty,
    Nothing what_is_missing_is_not_found,
    Nothing many_may_read_at_once,
    Nothing a_body_may_be_left_unread,
    Nothing a_body_stays_with_the_object_it_began_with,
    Nothing a_body_does_not_trickle,
);

const LENGTH: u64 = 300_000;

async fn range(t: &Context, id: &ObjectId, range: std::ops::Range<u64>) -> Outcome {
    let data = t.bytes(0, LENGTH as usize);
    let end = range.end.min(LENGTH);
    let start = range.start.min(end);
    let download = t.store.get(id, Some(range.clone())).await?;
    ensure!(
        download.range == (start..end),
        "{range:?} of {LENGTH} bytes is said to be {:?}",
        download.range
    );
    ensure!(
        download.meta.size == LENGTH,
        "the object is said to have {} bytes",
        download.meta.size
    );
    let held = body(download).await?;
    ensure!(
        held == data[start as usize..end as usize],
        "{range:?} of {LENGTH} bytes brought {}",
        shown(&held)
    );
    Ok(())
}

async fn with_object(t: &Context) -> Outcome<ObjectId> {
    let key = t.key("ranges");
    t.put(&key, t.bytes(0, LENGTH as usize)).await?;
    Ok(key.into())
}

async fn a_range_is_those_bytes(t: Context) -> Outcome {
    let id = with_object(&t).await?;
    for asked in [0..LENGTH, 0..1, 7..7, 1..100_000, 65_536..131_072] {
        range(&t, &id, asked).await?;
    }
    range(&t, &id, LENGTH - 1..LENGTH).await
}

async fn a_range_is_cut_at_the_end(t: Context) -> Outcome {
    let id = with_object(&t).await?;
    for asked in [
        LENGTH - 5..LENGTH + 5,
        0..u64::MAX,
        LENGTH..LENGTH + 1,
        LENGTH + 1..LENGTH + 2,
        u64::MAX - 1..u64::MAX,
    ] {
        range(&t, &id, asked).await?;
    }
    Ok(())
}

async fn a_range_of_an_empty_object_is_empty(t: Context) -> Outcome {
    let key = t.key("empty");
    t.put(&key, "").await?;
    for asked in [0..0, 0..10, 5..10] {
        let download = t
            .store
            .get(&key.clone().into(), Some(asked.clone()))
            .await?;
        let held = body(download).await?;
        ensure!(held.is_empty(), "{asked:?} of nothing is {}", shown(&held));
    }
    Ok(())
}

async fn what_is_missing_is_not_found(t: Context) -> Outcome {
    let key = t.key("missing");
    let id = ObjectId::from(key.clone());
    for asked in [None, Some(0..0), Some(0..10)] {
        let answer = t.store.get(&id, asked).await;
        let named = answer.as_ref().err().and_then(|error| error.key().cloned());
        t.refused("get", answer, ErrorKind::NotFound)?;
        ensure!(
            named.as_ref() == Some(&key),
            "the error names {named:?}, not the key"
        );
    }
    Ok(())
}

/// The program gives a body up that brings less than a restore can wait for.
async fn a_body_does_not_trickle(t: Context) -> Outcome {
    let id = with_object(&t).await?;
    let clock = Arc::new(SystemClock);
    let timely = Timeout::new(t.store.clone(), Deadlines::default(), clock);
    let held = body(timely.get(&id, None).await?).await?;
    ensure!(
        held == t.bytes(0, LENGTH as usize),
        "the body brought {}",
        shown(&held)
    );
    Ok(())
}

async fn many_may_read_at_once(t: Context) -> Outcome {
    let id = with_object(&t).await?;
    let readers = (0..24_u64).map(|reader| range(&t, &id, reader * 1000..LENGTH - reader));
    try_join_all(readers).await?;
    Ok(())
}

async fn a_body_may_be_left_unread(t: Context) -> Outcome {
    let id = with_object(&t).await?;
    for pieces in 0..3 {
        let mut download = t.store.get(&id, None).await?;
        for _ in 0..pieces {
            // All of it may come in one piece.
            if let Some(piece) = download.body.next().await {
                piece?;
            }
        }
    }
    range(&t, &id, 0..LENGTH).await
}

/// A restore reads for minutes. If the name is given to another object meanwhile, the body must go
/// on with the first or fail; bytes of both would be an object that never was.
async fn a_body_stays_with_the_object_it_began_with(t: Context) -> Outcome {
    let key = t.key("replaced");
    let (old, new) = (t.bytes(1, 3 << 20), t.bytes(2, 3 << 20));
    t.put(&key, old.clone()).await?;
    let download = t.store.get(&key.clone().into(), None).await?;
    t.overwrite(&key, new.clone()).await?;
    if let Ok(held) = body(download).await {
        ensure!(held == old, "the body changed while it was read");
    }
    t.holds(&key, &new).await
}
