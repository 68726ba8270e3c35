use snapstore::{Key, ListPage, ListRequest, ObjectMeta, Result};

use crate::http::odd;

/// What a listing says of `key`. A body may come without its length, in chunks; the listing has it.
///
/// Errors: those of `list`; `Unexpected` and retryable if it does not hold the key.
pub async fn listed<F>(key: &Key, list: impl FnOnce(ListRequest) -> F) -> Result<ObjectMeta>
where
    F: Future<Output = Result<ListPage>>,
{
    // Listings are in the order of their names, so of all that begin with it the key itself is first.
    let page = list(ListRequest::under(key.as_str())).await?;
    let mut objects = page.objects.into_iter();
    let found = objects.find(|object| object.id.key == *key && !object.delete_marker);
    found.ok_or_else(|| {
        let what = "it does not say how long it is, and the object is not listed";
        odd("get", what).with_key(key)
    })
}
