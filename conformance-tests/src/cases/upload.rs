use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use snapstore::{Bytes, ErrorKind, PartReceipt, PutOptions, Upload};

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("upload":
    Uploads the_limits_make_sense,
    Uploads parts_become_one_object,
    Uploads one_short_part_is_enough,
    Uploads parts_may_arrive_in_any_order,
    Uploads parts_may_arrive_at_once,
    Uploads a_repeated_part_replaces_the_first,
    Uploads parts_not_named_are_left_out,
    Uploads nothing_is_visible_before_completion,
    Uploads completion_may_be_repeated,
    Uploads completion_of_many_parts_may_be_repeated,
    Uploads a_missing_part_is_refused,
    Uploads an_aborted_upload_leaves_nothing,
    Uploads an_abandoned_upload_leaves_nothing,
    Uploads giving_up_leaves_the_object_of_another,
    Uploads overwrite_replaces_at_completion,
    Uploads create_new_is_decided_at_completion,
    CreateNewUploads create_new_has_one_winner,
);

/// Three full parts and a short one.
fn parts(t: &Context) -> Vec<Bytes> {
    let size = t.part_size();
    let whole = t.bytes(9, 3 * size + size / 3);
    (0..4)
        .map(|at| whole.slice(at * size..whole.len().min((at + 1) * size)))
        .collect()
}

async fn send(upload: &dyn Upload, parts: &[Bytes]) -> Outcome<Vec<PartReceipt>> {
    let mut receipts = Vec::new();
    for (number, part) in (1..).zip(parts) {
        receipts.push(upload.part(number, part.clone()).await?);
    }
    Ok(receipts)
}

async fn the_limits_make_sense(t: Context) -> Outcome {
    let Some(limits) = &t.store.capabilities().uploads else {
        return Ok(());
    };
    let (shortest, longest) = (limits.part_size.start(), limits.part_size.end());
    ensure!(
        (1..=*longest).contains(shortest),
        "parts have {shortest} to {longest} bytes"
    );
    ensure!(
        limits.max_parts > 1,
        "{} parts are no upload",
        limits.max_parts
    );
    Ok(())
}

async fn parts_become_one_object(t: Context) -> Outcome {
    let (key, parts) = (t.key("whole"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    let receipts = send(&*upload, &parts).await?;
    let numbers: Vec<_> = receipts.iter().map(|receipt| receipt.number).collect();
    ensure!(numbers == [1, 2, 3, 4], "receipts are for {numbers:?}");
    let meta = upload.complete(&receipts).await?;
    let whole = parts.concat();
    ensure!(
        meta.size == whole.len() as u64,
        "it has {} bytes",
        meta.size
    );
    ensure!(meta.id.key == key, "it names {}", meta.id.key);
    t.holds(&key, &whole).await?;
    let head = t.store.head(&key.clone().into()).await?;
    ensure!(head == meta, "complete says {meta:?}, head says {head:?}");
    ensure!(t.list("").await? == [key], "it is not listed");
    Ok(())
}

async fn one_short_part_is_enough(t: Context) -> Outcome {
    let key = t.key("short");
    let upload = t.upload(&key, PutOptions::default()).await?;
    let receipts = send(&*upload, &[Bytes::from_static(b"x")]).await?;
    upload.complete(&receipts).await?;
    t.holds(&key, b"x").await
}

async fn parts_may_arrive_in_any_order(t: Context) -> Outcome {
    let (key, parts) = (t.key("backwards"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    let mut receipts = Vec::new();
    for number in [3, 1, 4, 2] {
        let part = parts[number as usize - 1].clone();
        receipts.push(upload.part(number, part).await?);
    }
    receipts.sort_by_key(|receipt| receipt.number);
    upload.complete(&receipts).await?;
    t.holds(&key, &parts.concat()).await
}

async fn parts_may_arrive_at_once(t: Context) -> Outcome {
    let (key, parts) = (t.key("at-once"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    let sending = (1..)
        .zip(&parts)
        .map(|(number, part)| upload.part(number, part.clone()));
    let receipts = try_join_all(sending).await?;
    upload.complete(&receipts).await?;
    t.holds(&key, &parts.concat()).await
}

/// A reply that was lost makes the sender send again. The last part may even have another length.
async fn a_repeated_part_replaces_the_first(t: Context) -> Outcome {
    let (key, mut parts) = (t.key("again"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    send(&*upload, &parts).await?;
    parts[1] = t.bytes(77, t.part_size());
    parts[3] = t.bytes(78, t.part_size() / 2);
    let receipts = send(&*upload, &parts).await?;
    send(&*upload, &parts).await?;
    upload.complete(&receipts).await?;
    t.holds(&key, &parts.concat()).await
}

async fn parts_not_named_are_left_out(t: Context) -> Outcome {
    let (key, parts) = (t.key("fewer"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    let receipts = send(&*upload, &parts).await?;
    upload.complete(&receipts[..2]).await?;
    t.holds(&key, &parts[..2].concat()).await
}

async fn nothing_is_visible_before_completion(t: Context) -> Outcome {
    let (key, parts) = (t.key("unseen"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    t.is_absent(&key).await?;
    let receipts = send(&*upload, &parts).await?;
    t.is_absent(&key).await?;
    let listed = t.list("").await?;
    ensure!(listed.is_empty(), "an unfinished upload lists {listed:?}");
    upload.complete(&receipts).await?;
    t.holds(&key, &parts.concat()).await
}

/// The reply to a completion may be lost; asking again must not say `AlreadyExists`.
async fn completion_may_be_repeated(t: Context) -> Outcome {
    let (key, parts) = (t.key("twice"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    let receipts = send(&*upload, &parts).await?;
    let first = upload.complete(&receipts).await?;
    let again = upload.complete(&receipts).await?;
    ensure!(first == again, "it says {first:?}, then {again:?}");
    t.holds(&key, &parts.concat()).await
}

/// As many parts as a store may have to put together in more than one step: what the first completion
/// made on the way, and removed, must not be missed by the second.
async fn completion_of_many_parts_may_be_repeated(t: Context) -> Outcome {
    const MANY: u32 = 70;
    // Where parts are large, stores put them together in one step.
    let count = if t.part_size() > 1000 { 2 } else { MANY };
    let (key, part) = (t.key("many"), t.bytes(5, t.part_size()));
    let upload = t.upload(&key, PutOptions::default()).await?;
    let sending = (1..=count).map(|number| upload.part(number, part.clone()));
    // As many at once as a sender has: more is a trial of the server, not of the promise.
    let receipts: Vec<_> = stream::iter(sending).buffered(5).try_collect().await?;
    let first = upload.complete(&receipts).await?;
    let again = upload.complete(&receipts).await?;
    ensure!(first == again, "it says {first:?}, then {again:?}");
    t.holds(&key, &part.repeat(count as usize)).await
}

async fn a_missing_part_is_refused(t: Context) -> Outcome {
    let (key, parts) = (t.key("holes"), parts(&t));
    let upload = t.upload(&key, PutOptions::default()).await?;
    let receipts = send(&*upload, &parts).await?;
    let holes = [receipts[0].clone(), receipts[2].clone()];
    ensure!(
        upload.complete(&holes).await.is_err(),
        "parts 1 and 3 were taken for a whole"
    );
    ensure!(
        upload.complete(&receipts[1..]).await.is_err(),
        "parts 2 to 4 were taken for a whole"
    );
    t.is_absent(&key).await
}

async fn an_aborted_upload_leaves_nothing(t: Context) -> Outcome {
    let key = t.key("aborted");
    let upload = t.upload(&key, PutOptions::default()).await?;
    let receipts = send(&*upload, &parts(&t)).await?;
    upload.abort().await?;
    upload.abort().await?;
    ensure!(
        upload.complete(&receipts).await.is_err(),
        "an aborted upload was completed"
    );
    t.is_absent(&key).await
}

async fn an_abandoned_upload_leaves_nothing(t: Context) -> Outcome {
    let key = t.key("abandoned");
    let upload = t.upload(&key, PutOptions::default()).await?;
    send(&*upload, &parts(&t)).await?;
    drop(upload);
    t.is_absent(&key).await?;
    ensure!(t.list("").await?.is_empty(), "it left something listed");
    t.put(&key, "free").await?;
    Ok(())
}

async fn overwrite_replaces_at_completion(t: Context) -> Outcome {
    let (key, parts) = (t.key("replaced"), parts(&t));
    t.put(&key, "old").await?;
    let upload = t.upload(&key, PutOptions::overwrite()).await?;
    let receipts = send(&*upload, &parts).await?;
    t.holds(&key, b"old").await?;
    upload.complete(&receipts).await?;
    t.holds(&key, &parts.concat()).await
}

/// The key is taken while the parts are on their way.
async fn create_new_is_decided_at_completion(t: Context) -> Outcome {
    let key = t.key("taken");
    let upload = t.upload(&key, PutOptions::default()).await?;
    let receipts = send(&*upload, &parts(&t)).await?;
    t.put(&key, "first").await?;
    let answer = upload.complete(&receipts).await;
    t.refused("complete", answer, ErrorKind::AlreadyExists)?;
    t.holds(&key, b"first").await
}

async fn create_new_has_one_winner(t: Context) -> Outcome {
    let key = t.key("race");
    let mut uploads = Vec::new();
    for number in 0..6 {
        let upload = t.upload(&key, PutOptions::default()).await?;
        let content = t.bytes(number, t.part_size());
        let receipts = send(&*upload, std::slice::from_ref(&content)).await?;
        uploads.push((upload, receipts, content));
    }
    let completing = uploads.into_iter().map(|(upload, receipts, content)| {
        tokio::spawn(async move { (upload.complete(&receipts).await, content) })
    });
    let mut winners = Vec::new();
    for done in futures::future::join_all(completing)
        .await
        .into_iter()
        .flatten()
    {
        match done {
            (Ok(_), content) => winners.push(content),
            (Err(error), _) => {
                t.refused("complete", Err::<(), _>(error), ErrorKind::AlreadyExists)?;
            }
        }
    }
    ensure!(winners.len() == 1, "{} of 6 uploads won", winners.len());
    t.holds(&key, &winners.concat()).await
}

/// Two processes upload the same backup; one finishes, the other hears so and gives up. In Swift it
/// took the parts of the finished one with it.
async fn giving_up_leaves_the_object_of_another(t: Context) -> Outcome {
    for round in 0..5 {
        let (key, parts) = (t.key(&format!("both-{round}")), parts(&t));
        let one = t.upload(&key, PutOptions::default()).await?;
        let other = t.upload(&key, PutOptions::default()).await?;
        // Either may be told by its parts that another is at work.
        let (ones, others) = futures::join!(send(&*one, &parts), send(&*other, &parts));
        let mut finished = 0;
        for (upload, receipts) in [(one, ones), (other, others)] {
            let done = match receipts {
                Ok(receipts) => upload.complete(&receipts).await.is_ok(),
                Err(_) => false,
            };
            match done {
                true => finished += 1,
                false => upload.abort().await?,
            }
        }
        if finished > 0 {
            t.holds(&key, &parts.concat()).await?;
        }
    }
    Ok(())
}
