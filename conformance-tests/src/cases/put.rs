use std::sync::Arc;
use std::task::Poll;

use futures::future::{join_all, poll_fn};
use snapstore::{ErrorKind, ObjectId, PutOptions};
use tokio::sync::Barrier;

use crate::case::cases;
use crate::context::shown;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("put":
    Nothing what_was_put_is_read,
    Nothing an_empty_object_is_an_object,
    Nothing the_answer_is_what_head_says,
    Nothing create_new_is_the_default,
    Nothing create_new_refuses_a_second_and_changes_nothing,
    CreateNew create_new_has_one_winner,
    Nothing writers_of_different_keys_do_not_meet,
    Nothing overwrite_replaces,
    Nothing overwrite_of_nothing_creates,
    Nothing readers_see_the_old_or_the_new,
    Nothing a_dropped_put_is_nothing_or_whole,
);

async fn what_was_put_is_read(t: Context) -> Outcome {
    for (number, length) in [1, 1000, 70_000, 3 << 20].into_iter().enumerate() {
        let key = t.key(&format!("of-{length}"));
        let data = t.bytes(number as u64, length);
        t.put(&key, data.clone()).await?;
        t.holds(&key, &data).await?;
    }
    Ok(())
}

async fn an_empty_object_is_an_object(t: Context) -> Outcome {
    let key = t.key("empty");
    let put = t.put(&key, "").await?;
    ensure!(put.size == 0, "its size is {}", put.size);
    t.holds(&key, b"").await?;
    ensure!(t.list("").await? == [key], "it is not listed");
    Ok(())
}

async fn the_answer_is_what_head_says(t: Context) -> Outcome {
    let key = t.key("answer");
    let put = t.put(&key, "twelve bytes").await?;
    ensure!(put.id.key == key, "it names {}", put.id.key);
    ensure!(put.size == 12, "its size is {}", put.size);
    let head = t.store.head(&key.into()).await?;
    ensure!(put == head, "put says {put:?} and head says {head:?}");
    Ok(())
}

/// A backup is written once: who forgets to choose must not destroy one.
async fn create_new_is_the_default(t: Context) -> Outcome {
    let key = t.key("default");
    t.put(&key, "first").await?;
    let second = t
        .store
        .put(&key, "second".into(), PutOptions::default())
        .await;
    t.refused("put", second, ErrorKind::AlreadyExists)
}

async fn create_new_refuses_a_second_and_changes_nothing(t: Context) -> Outcome {
    let key = t.key("taken");
    let first = t.put(&key, "first").await?;
    // Not the same bytes again: a store that has lost a reply may take them for its own.
    for data in ["second", ""] {
        let answer = t.put(&key, data).await;
        let named = answer.as_ref().err().and_then(|error| error.key().cloned());
        t.refused("put", answer, ErrorKind::AlreadyExists)?;
        ensure!(
            named.as_ref() == Some(&key),
            "the error names {named:?}, not the key"
        );
    }
    t.holds(&key, b"first").await?;
    let head = t.store.head(&key.into()).await?;
    ensure!(head == first, "{first:?} became {head:?}");
    Ok(())
}

/// Two snapshotters, each believing that it leads, write the same name.
async fn create_new_has_one_winner(t: Context) -> Outcome {
    for round in 0..4 {
        let key = t.key(&format!("race-{round}"));
        let start = Arc::new(Barrier::new(16));
        let writers = (0..16_u64).map(|writer| {
            let (t, key, start) = (t.clone(), key.clone(), start.clone());
            // Lengths differ, so that a mixture would show.
            let data = t.bytes(writer, 2000 + 137 * writer as usize);
            tokio::spawn(async move {
                start.wait().await;
                (t.put(&key, data.clone()).await, data)
            })
        });
        let mut winners = Vec::new();
        for done in join_all(writers).await.into_iter().flatten() {
            match done {
                (Ok(_), data) => winners.push(data),
                (Err(error), _) => {
                    t.refused("put", Err::<(), _>(error), ErrorKind::AlreadyExists)?;
                }
            }
        }
        ensure!(winners.len() == 1, "{} of 16 writers won", winners.len());
        t.holds(&key, &winners.concat()).await?;
    }
    Ok(())
}

/// A full and its deltas, of many clusters, at once.
async fn writers_of_different_keys_do_not_meet(t: Context) -> Outcome {
    let objects: Vec<_> = (0..32)
        .map(|number| {
            let key = t.key(&format!("writer-{number}"));
            (key, t.bytes(number, 1 + 997 * number as usize))
        })
        .collect();
    let puts = objects.iter().map(|(key, data)| t.put(key, data.clone()));
    for put in join_all(puts).await {
        put?;
    }
    for (key, data) in &objects {
        t.holds(key, data).await?;
    }
    let listed = t.list("").await?.len();
    ensure!(
        listed == objects.len(),
        "{listed} of {} are listed",
        objects.len()
    );
    Ok(())
}

async fn overwrite_replaces(t: Context) -> Outcome {
    let key = t.key("replaced");
    let first = t.put(&key, "a longer first content").await?;
    let second = t.overwrite(&key, "second").await?;
    t.holds(&key, b"second").await?;
    ensure!(second.size == 6, "its size is {}", second.size);
    ensure!(
        first.etag.is_none() || first.etag != second.etag,
        "another content has the same etag {:?}",
        first.etag
    );
    ensure!(t.list("").await? == [key], "it is not listed once");
    Ok(())
}

async fn overwrite_of_nothing_creates(t: Context) -> Outcome {
    let key = t.key("created");
    t.overwrite(&key, "content").await?;
    t.holds(&key, b"content").await
}

/// All or nothing: a reader beside a writer never meets half of either object.
async fn readers_see_the_old_or_the_new(t: Context) -> Outcome {
    let key = t.key("swapped");
    let contents = [t.bytes(1, 300_000), t.bytes(2, 170_000)];
    t.put(&key, contents[0].clone()).await?;
    let writer = async {
        for round in 0..20_usize {
            t.overwrite(&key, contents[round % 2].clone()).await?;
        }
        Outcome::Ok(())
    };
    let reader = async {
        for _ in 0..40 {
            // A body that cannot go on, since the object was replaced, says so.
            let held = match t.read(&key).await {
                Err(error) if error.is_retryable() => continue,
                held => held?,
            };
            ensure!(
                contents.contains(&held),
                "a reader met {}, which nobody wrote",
                shown(&held)
            );
            let size = t.store.head(&ObjectId::from(key.clone())).await?.size;
            ensure!(
                size == 300_000 || size == 170_000,
                "head met {size} bytes, which nobody wrote"
            );
        }
        Ok(())
    };
    let (wrote, read) = futures::join!(writer, reader);
    wrote.and(read)
}

/// Cancelling is dropping. What was begun may still finish, but never by halves.
async fn a_dropped_put_is_nothing_or_whole(t: Context) -> Outcome {
    for round in 0..8 {
        let key = t.key(&format!("dropped-{round}"));
        let data = t.bytes(round, 200_000);
        let mut put = Box::pin(t.put(&key, data.clone()));
        // Begun, and dropped before it is done.
        poll_fn(|cx| {
            let _ = put.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
        drop(put);
        for _ in 0..20 {
            match t.read(&key).await {
                Ok(held) => ensure!(held == data, "half a put: {}", shown(&held)),
                Err(error) => t.refused("get", Err::<(), _>(error), ErrorKind::NotFound)?,
            }
        }
    }
    Ok(())
}
