//! What a store promises whose service copies by itself.

use snapstore::{ErrorKind, Key, Original, PutOptions, Result};

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("copy":
    CopiesByItself a_copy_has_the_bytes_of_its_original,
    CopiesByItself a_copy_of_an_upload_has_all_of_its_parts,
    CopiesByItself a_copy_is_an_object_of_its_own,
    CopiesByItself a_name_that_is_taken_is_left,
    CopiesByItself what_is_there_may_be_replaced,
    CopiesByItself what_is_not_there_is_not_copied,
    CopiesByItself another_object_than_was_meant_is_not_copied,
);

/// As the store says now that it is.
async fn original(t: &Context, key: &Key) -> Result<Original> {
    Ok(Original {
        location: t.store.location().clone(),
        object: t.store.head(&key.clone().into()).await?,
    })
}

/// Copies it. An answer that was lost leaves the name taken, by the copy.
async fn copied(t: &Context, original: &Original, key: &Key, bytes: &[u8]) -> Outcome {
    let copied = t.store.copy_within(original, key, PutOptions::default());
    match copied.await {
        Ok(copied) => {
            let (size, expected) = (copied.meta.size, bytes.len() as u64);
            ensure!(
                size == expected,
                "the copy has {size} bytes, not {expected}"
            );
            ensure!(
                copied.meta.id.key == *key,
                "it says that it has made {}",
                copied.meta.id.key
            );
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    t.holds(key, bytes).await
}

async fn a_copy_has_the_bytes_of_its_original(t: Context) -> Outcome {
    for (which, length) in [(1, 1), (2, 70_000)] {
        let from = t.key(&format!("original {which}+1"));
        let to = t.key(&format!("copies/{which}"));
        let bytes = t.bytes(which, length);
        t.put(&from, bytes.clone()).await?;
        copied(&t, &original(&t, &from).await?, &to, &bytes).await?;
        t.holds(&from, &bytes).await?;
        let listed = t.list("copies/").await?;
        ensure!(listed.contains(&to), "the copy is not listed");
    }
    Ok(())
}

/// What arrived in parts may lie in parts: a copy of a list of them is lost with them.
async fn a_copy_of_an_upload_has_all_of_its_parts(t: Context) -> Outcome {
    if t.store.capabilities().uploads.is_none() {
        return Ok(());
    }
    let (from, to) = (t.key("original"), t.key("copy"));
    let size = t.part_size();
    let whole = t.bytes(3, 2 * size + size / 3);
    let upload = t.upload(&from, PutOptions::default()).await?;
    let mut receipts = Vec::new();
    for (number, start) in (1..).zip((0..whole.len()).step_by(size)) {
        let part = whole.slice(start..whole.len().min(start + size));
        receipts.push(upload.part(number, part).await?);
    }
    upload.complete(&receipts).await?;
    copied(&t, &original(&t, &from).await?, &to, &whole).await?;
    t.store.delete(&from.clone().into()).await?;
    t.is_absent(&from).await?;
    t.holds(&to, &whole).await
}

async fn a_copy_is_an_object_of_its_own(t: Context) -> Outcome {
    let (from, to) = (t.key("original"), t.key("copy"));
    t.put(&from, "the first").await?;
    copied(&t, &original(&t, &from).await?, &to, b"the first").await?;
    t.overwrite(&from, "the second").await?;
    t.holds(&to, b"the first").await?;
    t.store.delete(&from.into()).await?;
    t.holds(&to, b"the first").await
}

async fn a_name_that_is_taken_is_left(t: Context) -> Outcome {
    let (from, to) = (t.key("original"), t.key("copy"));
    t.put(&from, "the original").await?;
    t.put(&to, "was there").await?;
    let original = original(&t, &from).await?;
    let copied = t.store.copy_within(&original, &to, PutOptions::default());
    t.refused("copy", copied.await, ErrorKind::AlreadyExists)?;
    t.holds(&to, b"was there").await
}

async fn what_is_there_may_be_replaced(t: Context) -> Outcome {
    let (from, to) = (t.key("original"), t.key("copy"));
    t.put(&from, "the original").await?;
    t.put(&to, "was there").await?;
    let original = original(&t, &from).await?;
    let options = PutOptions::overwrite();
    t.store.copy_within(&original, &to, options).await?;
    t.holds(&to, b"the original").await
}

async fn what_is_not_there_is_not_copied(t: Context) -> Outcome {
    let (from, to) = (t.key("original"), t.key("copy"));
    t.put(&from, "soon gone").await?;
    let original = original(&t, &from).await?;
    if original.object.id.version.is_some() {
        // It is there still, under its version.
        return Ok(());
    }
    t.store.delete(&from.into()).await?;
    let copied = t.store.copy_within(&original, &to, PutOptions::default());
    ensure!(
        copied.await.is_err(),
        "nothing was copied, and it succeeded"
    );
    t.is_absent(&to).await
}

async fn another_object_than_was_meant_is_not_copied(t: Context) -> Outcome {
    let (from, to) = (t.key("original"), t.key("copy"));
    t.put(&from, "what is meant").await?;
    let original = original(&t, &from).await?;
    if original.object.id.version.is_some() {
        // It is there still, under its version.
        return Ok(());
    }
    t.overwrite(&from, "another one").await?;
    let copied = t.store.copy_within(&original, &to, PutOptions::default());
    ensure!(
        copied.await.is_err(),
        "the original was replaced, and is copied all the same"
    );
    t.is_absent(&to).await
}
