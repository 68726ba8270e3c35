//! A prefix that begins with a slash. S3 and Ceph keep it; MinIO drops it from the name that it stores,
//! reads under either name, and lists nothing under a prefix that has it.

use snapstore::{ErrorKind, Key, ListRequest, Pages, Result, Snapstore, StoreConfig, prefix};
use snapstore_cloud::http::absent;

use crate::S3Store;
use crate::config::Dialect;

/// Opens the store of `config`, whose prefix may begin with a slash. Where nothing is listed under such
/// a prefix, what is there without the slash is asked for with it: an answer shows that the server knows
/// one place of both names, and that one is used. Else both are named, and the prefix counts as it is
/// written.
pub(crate) async fn open(config: &StoreConfig, dialect: Dialect) -> Result<S3Store> {
    let as_written = S3Store::open(config, dialect).await?;
    let cleaned = prefix::cleaned(&config.prefix)?;
    let Some(without) = cleaned.strip_prefix('/') else {
        return Ok(as_written);
    };
    if first(&as_written).await?.is_some() {
        return Ok(as_written);
    }
    let mut config = config.clone();
    config.prefix = without.to_owned();
    let beside = S3Store::open(&config, dialect).await?;
    let held = match first(&beside).await {
        // There it may be forbidden to look; it was not named either.
        Err(error) if error.kind() == ErrorKind::Denied => None,
        held => held?,
    };
    let Some(held) = held else {
        return Ok(as_written);
    };
    let both = absent(as_written.head(&held.clone().into()).await)?;
    if both.is_some() {
        tracing::warn!(
            "this server drops the '/' that --store-prefix begins with: {without:?} is used"
        );
        return Ok(beside);
    }
    tracing::warn!(
        "there is nothing under {cleaned:?}, and {held:?} is under {without:?}: if that is meant, \
         write --store-prefix {without:?}"
    );
    Ok(as_written)
}

async fn first(store: &S3Store) -> Result<Option<Key>> {
    let (mut request, mut pages) = (ListRequest::default(), Pages::new("open"));
    loop {
        let page = store.list(&request).await?;
        let found = page.objects.into_iter().next();
        if found.is_some() || page.next.is_none() {
            return Ok(found.map(|object| object.id.key));
        }
        pages.page(None, page.next.as_ref().map(|next| next.0.as_str()))?;
        request.page = page.next;
    }
}
