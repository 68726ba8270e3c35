use futures::future::join_all;

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Failure, Outcome};

cases!("delete":
    Nothing what_was_deleted_is_gone,
    Nothing deleting_nothing_succeeds,
    Nothing others_stay,
    Nothing a_deleted_key_is_free_again,
    Nothing neighbours_may_come_and_go_at_once,
);

async fn what_was_deleted_is_gone(t: Context) -> Outcome {
    for name in ["object", "deep/er/object"] {
        let key = t.key(name);
        t.put(&key, "x").await?;
        t.store.delete(&key.clone().into()).await?;
        t.is_absent(&key).await?;
    }
    Ok(())
}

async fn deleting_nothing_succeeds(t: Context) -> Outcome {
    t.put(&t.key("object"), "x").await?;
    for missing in ["missing", "never/was", "object/below"] {
        for _ in 0..2 {
            t.store.delete(&t.key(missing).into()).await?;
        }
    }
    let key = t.key("object");
    t.store.delete(&key.clone().into()).await?;
    t.store.delete(&key.into()).await?;
    Ok(())
}

/// The name of a "directory" is the name of nothing.
async fn others_stay(t: Context) -> Outcome {
    let kept = ["a/b/c", "a/b-2", "a.b"];
    for name in kept {
        t.put(&t.key(name), name).await?;
    }
    for name in ["a", "a/b", "a/b/", "a/b/c/d"] {
        t.store
            .delete(&t.key(name.trim_end_matches('/')).into())
            .await?;
    }
    for name in kept {
        t.holds(&t.key(name), name.as_bytes()).await?;
    }
    Ok(())
}

async fn a_deleted_key_is_free_again(t: Context) -> Outcome {
    let key = t.key("again");
    for round in ["first", "second", "third"] {
        t.put(&key, round).await?;
        t.holds(&key, round.as_bytes()).await?;
        t.store.delete(&key.clone().into()).await?;
    }
    t.is_absent(&key).await
}

/// A collector deletes the last old backup of a prefix while the snapshotter writes a new one.
async fn neighbours_may_come_and_go_at_once(t: Context) -> Outcome {
    let workers = (0..8).map(|worker| {
        let t = t.clone();
        tokio::spawn(async move {
            for round in 0..25 {
                // All in one directory, which is empty whenever nobody holds an object.
                let key = t.key(&format!("shared/{}/{worker}", round % 2));
                t.put(&key, "x").await?;
                t.holds(&key, b"x").await?;
                t.store.delete(&key.into()).await?;
            }
            Outcome::Ok(())
        })
    });
    for done in join_all(workers).await {
        done.unwrap_or_else(|died| Err(Failure::new(died.to_string())))?;
    }
    let left = t.list("").await?;
    ensure!(left.is_empty(), "{left:?} are left");
    Ok(())
}
