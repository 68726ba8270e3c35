//! Parts whose manifest was never made: their process is gone. Nobody sees them, and everybody
//! pays for them.

use std::collections::BTreeMap;
use std::time::SystemTime;

use reqwest::Method;
use snapstore::{Pages, Result};
use snapstore_cloud::asked_for;
use snapstore_cloud::http::{absent, text};

use crate::bucket::Bucket;
use crate::client::{Client, send};
use crate::layout::{is_part, parts_of_manifest};
use crate::list::{Entry, entries};
use crate::object::{MANIFEST, MARK};
use crate::parts;

/// The parts of one upload, and when the last of them came.
#[derive(Debug, Default)]
struct Parts {
    names: Vec<String>,
    last: Option<SystemTime>,
    /// One of them has no date: they are not judged.
    undated: bool,
}

/// Removes the parts below the store's prefix that no manifest names and to which nothing has come
/// since `idle_since`.
pub(crate) async fn sweep(bucket: &Bucket, swift: &Client, idle_since: SystemTime) -> Result<u64> {
    let mut uploads: BTreeMap<String, Parts> = BTreeMap::new();
    let mut marker = String::new();
    let mut pages = Pages::new("sweep");
    loop {
        let page = entries(
            swift,
            "sweep",
            &bucket.name,
            &bucket.keys.under(""),
            &marker,
        )
        .await?;
        for entry in &page {
            // The parts of another prefix are not ours to remove.
            asked_for("sweep", &bucket.keys.under(""), &entry.name)?;
            sort_in(&mut uploads, entry);
        }
        let Some(last) = page.last() else { break };
        marker.clone_from(&last.name);
        pages.page(page.first().map(|first| first.name.as_str()), Some(&marker))?;
    }
    let mut swept = 0;
    for (parts, upload) in uploads {
        let idle = upload.last.is_some_and(|last| last < idle_since);
        let dead = idle && !upload.undated;
        if dead && !is_in_use(bucket, swift, &parts).await? {
            swept += u64::from(remove_ours(bucket, swift, &upload.names).await?);
        }
    }
    Ok(swept)
}

/// Removes those that an upload of ours has made; false if it has made none. Ten digits are a time
/// in seconds too: what others have called so is not ours to judge.
async fn remove_ours(bucket: &Bucket, swift: &Client, names: &[String]) -> Result<bool> {
    let mut removed = false;
    for name in names {
        let request = swift.request("sweep", Method::HEAD, &bucket.name, name)?;
        let found = absent(send("sweep", request).await)?;
        if found.is_some_and(|reply| reply.headers().contains_key(MARK)) {
            parts::remove(swift, "sweep", &bucket.name, name).await?;
            removed = true;
        }
    }
    Ok(removed)
}

fn sort_in(uploads: &mut BTreeMap<String, Parts>, entry: &Entry) {
    let Some(slash) = entry.name.rfind('/').filter(|_| is_part(&entry.name)) else {
        return;
    };
    let upload = uploads.entry(entry.name[..=slash].to_owned()).or_default();
    upload.names.push(entry.name.clone());
    let modified = entry.modified();
    upload.undated |= modified.is_none();
    upload.last = upload.last.max(modified);
}

/// Whether a manifest names `parts`: that of the object directly above, or one above that.
async fn is_in_use(bucket: &Bucket, swift: &Client, parts: &str) -> Result<bool> {
    let above = parts.trim_end_matches('/');
    let further = above.rsplit_once('/').map(|(further, _)| further);
    for name in [Some(above), further].into_iter().flatten() {
        let request = swift.request("sweep", Method::HEAD, &bucket.name, name)?;
        let found = absent(send("sweep", request).await)?;
        let manifest = found
            .as_ref()
            .and_then(|reply| text(reply.headers(), MANIFEST));
        let named = manifest.and_then(|manifest| parts_of_manifest(&bucket.name, manifest));
        if named.as_deref() == Some(parts) {
            return Ok(true);
        }
    }
    Ok(false)
}
