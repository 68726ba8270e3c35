use std::collections::{BTreeMap, BTreeSet};
use std::time::UNIX_EPOCH;

use futures::{StreamExt, TryStreamExt, stream};
use snapstore::{Key, ListRequest, ObjectMeta, Pages, SnapstoreExt, Versions};

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("list":
    Nothing it_shows_what_was_put_at_once,
    Nothing it_hides_what_was_deleted_at_once,
    Nothing it_says_what_head_says,
    Nothing siblings_do_not_mix,
    Nothing a_prefix_is_compared_byte_by_byte,
    Nothing nothing_is_an_empty_listing,
    Nothing no_object_is_listed_twice,
    Nothing every_page_is_walked_once,
    Versions every_page_of_versions_is_walked_once,
);

async fn put_all(t: &Context, names: &[&'static str]) -> Outcome<Vec<Key>> {
    let mut keys = Vec::new();
    for name in names {
        keys.push(t.key(name));
        t.put(&t.key(name), *name).await?;
    }
    keys.sort();
    Ok(keys)
}

/// A restore that follows a backup lists the store: what it does not see is lost.
async fn it_shows_what_was_put_at_once(t: Context) -> Outcome {
    for number in 0..10_usize {
        let key = t.key(&format!("dir-{number}/object"));
        t.put(&key, "x").await?;
        let listed = t.list("").await?;
        ensure!(listed.contains(&key), "{key} was put and is not listed");
        ensure!(
            listed.len() == number + 1,
            "{} of {} are listed",
            listed.len(),
            number + 1
        );
    }
    Ok(())
}

async fn it_hides_what_was_deleted_at_once(t: Context) -> Outcome {
    let keys = put_all(&t, &["a", "b", "c/d"]).await?;
    for key in &keys {
        t.store.delete(&key.clone().into()).await?;
        let listed = t.list("").await?;
        ensure!(!listed.contains(key), "{key} was deleted and is listed");
    }
    ensure!(t.list("").await?.is_empty(), "the listing is not empty");
    Ok(())
}

async fn it_says_what_head_says(t: Context) -> Outcome {
    for (name, length) in [("empty", 0), ("small", 10), ("deep/er/large", 200_000)] {
        t.put(&t.key(name), t.bytes(1, length)).await?;
    }
    let listed = t.store.list_all(ListRequest::under(t.prefix())).await?;
    ensure!(listed.len() == 3, "{} of 3 are listed", listed.len());
    for object in listed {
        let head = t.store.head(&object.id.key.clone().into()).await?;
        ensure!(
            agree(&object, &head),
            "list says {object:?}, head says {head:?}"
        );
    }
    Ok(())
}

/// Where one of them leaves out a version, a time, or what is finer than a second, they do not differ.
fn agree(listed: &ObjectMeta, head: &ObjectMeta) -> bool {
    let seconds = |meta: &ObjectMeta| {
        let at = meta.modified?.duration_since(UNIX_EPOCH).ok()?;
        Some(at.as_secs())
    };
    let same_time = match (seconds(listed), seconds(head)) {
        (Some(listed), Some(head)) => listed == head,
        _ => true,
    };
    let (one, other) = (&listed.id.version, &head.id.version);
    let same_version = one.is_none() || other.is_none() || one == other;
    let rest = |meta: &ObjectMeta| ObjectMeta {
        id: meta.id.key.clone().into(),
        modified: None,
        ..meta.clone()
    };
    same_version && same_time && rest(listed) == rest(head)
}

/// The backups of `etcd` and `etcd-2` often stand side by side in one bucket.
async fn siblings_do_not_mix(t: Context) -> Outcome {
    put_all(&t, &["etcd/v2/a", "etcd-2/v2/a", "etcdx/v2/a", "etcd0"]).await?;
    let listed = t.list("etcd/").await?;
    ensure!(
        listed == [t.key("etcd/v2/a")],
        "below etcd/ are listed {listed:?}"
    );
    Ok(())
}

async fn a_prefix_is_compared_byte_by_byte(t: Context) -> Outcome {
    let names = ["etcd-2/x", "etcd/Full-1", "etcd/Full-22", "etcd/Incr-3"];
    let keys = put_all(&t, &names).await?;
    for (prefix, expected) in [
        ("etcd/Full-", &keys[1..3]),
        ("etcd/Full-2", &keys[2..3]),
        ("etcd/Full-22", &keys[2..3]),
        ("etcd/Full-223", &[][..]),
        ("etcd", &keys[..]),
        ("etc", &keys[..]),
        ("Etcd", &[][..]),
        ("", &keys[..]),
    ] {
        let listed = t.list(prefix).await?;
        ensure!(
            listed == expected,
            "{prefix:?} lists {listed:?}, not {expected:?}"
        );
    }
    Ok(())
}

async fn nothing_is_an_empty_listing(t: Context) -> Outcome {
    put_all(&t, &["object"]).await?;
    for prefix in ["nothing/", "nothing/at/all", "object/", "object/below"] {
        let listed = t.list(prefix).await?;
        ensure!(listed.is_empty(), "{prefix:?} lists {listed:?}");
    }
    Ok(())
}

/// A backup that is listed twice is fetched twice.
async fn no_object_is_listed_twice(t: Context) -> Outcome {
    let keys = put_all(&t, &["a", "b", "c/d"]).await?;
    let page = t.store.list(&ListRequest::under(t.prefix())).await?;
    for key in keys {
        let shown = page.objects.iter().filter(|object| object.id.key == key);
        let count = shown.count();
        ensure!(count <= 1, "{key} is listed {count} times on one page");
    }
    Ok(())
}

/// More versions than any provider shows on one page: those of one key go over its border.
async fn every_page_of_versions_is_walked_once(t: Context) -> Outcome {
    const KEYS: usize = 3;
    const EACH: usize = 400;
    let keys: Vec<_> = (0..KEYS).map(|key| t.key(&format!("key-{key}"))).collect();
    stream::iter((0..KEYS * EACH).map(|number| t.overwrite(&keys[number % KEYS], "x")))
        .buffer_unordered(16)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    let mut request = ListRequest {
        versions: Versions::All,
        ..ListRequest::under(t.prefix())
    };
    let mut seen = BTreeSet::new();
    for _ in 0..=KEYS * EACH {
        let page = t.store.list(&request).await?;
        for object in page.objects {
            let name = (object.id.key, object.id.version.map(|version| version.0));
            ensure!(!seen.contains(&name), "{name:?} was on more than one page");
            seen.insert(name);
        }
        let Some(next) = page.next else { break };
        request.page = Some(next);
    }
    ensure!(
        seen.len() == KEYS * EACH,
        "{} of {} versions were seen",
        seen.len(),
        KEYS * EACH
    );
    Ok(())
}

/// More objects than any provider shows on one page.
async fn every_page_is_walked_once(t: Context) -> Outcome {
    const OBJECTS: usize = 3100;
    stream::iter(0..OBJECTS)
        .map(|number| {
            let (t, key) = (t.clone(), t.key(&format!("{number:05}")));
            async move { t.put(&key, "x").await }
        })
        .buffer_unordered(16)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    let mut seen = BTreeMap::<Key, usize>::new();
    let mut request = ListRequest::under(t.prefix());
    let mut pages = Pages::new("list");
    loop {
        let page = t.store.list(&request).await?;
        // A page that was asked for twice is the same page: a retry is harmless.
        let again = t.store.list(&request).await?;
        ensure!(
            again.objects.len() == page.objects.len(),
            "a page asked for twice had {} objects, then {}",
            page.objects.len(),
            again.objects.len()
        );
        let first = page.objects.first().map(|object| object.id.key.as_str());
        pages.page(first, page.next.as_ref().map(|next| next.0.as_str()))?;
        for object in page.objects {
            *seen.entry(object.id.key).or_default() += 1;
        }
        let Some(next) = page.next else { break };
        request.page = Some(next);
    }
    ensure!(seen.len() == OBJECTS, "{} of {OBJECTS} seen", seen.len());
    let twice = seen.values().filter(|count| **count > 1).count();
    ensure!(twice == 0, "{twice} objects were on more than one page");
    Ok(())
}
