//! What a store promises that reports retention. What these cases write stays until the policy lets
//! it go: put them on a bucket that may keep it.

use snapstore::{ErrorKind, ListRequest, ObjectMeta, SnapstoreExt};

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("retention":
    Retention it_is_reported,
    Retention what_is_retained_stays,
);

async fn retained(t: &Context) -> Outcome<ObjectMeta> {
    let put = t.put(&t.key("retained"), "kept").await?;
    Ok(t.store.head(&put.id).await?)
}

async fn it_is_reported(t: Context) -> Outcome {
    let head = retained(&t).await?;
    let until = head.retain_until;
    ensure!(
        until.is_some_and(|until| Some(until) > head.modified),
        "head says it is retained until {until:?}, and it was written at {:?}",
        head.modified
    );
    let listed = t.store.list_all(ListRequest::under(t.prefix())).await?;
    let listed: Vec<_> = listed.iter().map(|object| object.retain_until).collect();
    ensure!(
        matches!(listed.as_slice(), [Some(until)] if Some(*until) > head.modified),
        "the listing says {listed:?}"
    );
    Ok(())
}

/// A ransom is paid for backups that somebody could delete.
async fn what_is_retained_stays(t: Context) -> Outcome {
    let head = retained(&t).await?;
    // With versions, only the version is protected: the name may be hidden by a marker.
    let deleted = t.store.delete(&head.id).await;
    t.refused("delete", deleted, ErrorKind::Immutable)?;
    let held = t.store.read(&head.id).await?;
    ensure!(held == "kept", "it holds {held:?}");
    Ok(())
}
