use serde::{Deserialize, Serialize};
use snapstore::{ObjectMeta, Result, printable};
use snapstore_cloud::Keyspace;
use snapstore_cloud::http::odd;

use crate::object::{Generations, Resource};

/// A name of which all generations seen so far are old ones. If no current one follows, it was
/// deleted: Google keeps no marker of that, so the listing makes one.
///
/// A name's generations may be spread over two pages, so this travels in the page token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NonCurrentSoFar {
    name: String,
    /// Since when, as the store wrote it.
    since: String,
}

/// Every generation of `items`, which are in the order of their names, and a marker after the last
/// generation of each name that has no current one. The second is what the next page must know.
pub(crate) fn with_markers(
    items: &[Resource],
    keys: &Keyspace,
    before: Option<NonCurrentSoFar>,
    more_follows: bool,
) -> Result<(Vec<ObjectMeta>, Option<NonCurrentSoFar>)> {
    let mut objects = Vec::new();
    let mut non_current = before;
    for item in items {
        if non_current
            .as_ref()
            .is_some_and(|gone| gone.name != item.name)
        {
            objects.extend(ended(non_current.take(), keys)?);
        }
        if let Some(key) = keys.key(&item.name) {
            objects.push(item.describe(&key, Generations::AreVersions)?);
        }
        let alive = item.time_deleted.is_empty();
        let same_alive = non_current
            .as_ref()
            .is_some_and(|gone| gone.since.is_empty());
        non_current = Some(NonCurrentSoFar {
            name: item.name.clone(),
            // Empty: there is a current generation, in whatever order they come.
            since: match alive || same_alive {
                true => String::new(),
                false => item.time_deleted.clone(),
            },
        });
    }
    if more_follows {
        return Ok((objects, non_current));
    }
    objects.extend(ended(non_current, keys)?);
    Ok((objects, None))
}

/// The marker of a name of which no more generations come, if none of them is the current one. It
/// has no version of its own: there is nothing to read or delete, only a current state.
fn ended(gone: Option<NonCurrentSoFar>, keys: &Keyspace) -> Result<Option<ObjectMeta>> {
    let Some(gone) = gone.filter(|gone| !gone.since.is_empty()) else {
        return Ok(None);
    };
    let Some(key) = keys.key(&gone.name) else {
        return Ok(None);
    };
    let since = snapstore_cloud::from_rfc3339(&gone.since);
    let since = since.ok_or_else(|| {
        let name = printable(&gone.name);
        odd("list", format!("of \"{name}\", timeDeleted cannot be read"))
    })?;
    Ok(Some(ObjectMeta {
        id: key.into(),
        size: 0,
        modified: Some(since),
        etag: None,
        retain_until: None,
        excluded: false,
        delete_marker: true,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, generation: u32, deleted: bool) -> Resource {
        let time = "2026-11-22T09:13:06Z";
        serde_json::from_value(serde_json::json!({
            "name": name, "size": "1", "generation": generation.to_string(),
            "timeCreated": time, "timeDeleted": if deleted { time } else { "" },
        }))
        .unwrap()
    }

    /// All pages of `items`, `page` at a time: the keys that are listed as deleted, and how many
    /// generations there are.
    fn walk(items: &[Resource], page: usize) -> (Vec<String>, usize) {
        let keys = Keyspace::new("p").unwrap();
        let (mut before, mut deleted, mut generations) = (None, Vec::new(), 0);
        let pages = items.chunks(page).count();
        for (number, items) in (1..).zip(items.chunks(page)) {
            let (objects, next) = with_markers(items, &keys, before, number < pages).unwrap();
            for object in objects {
                match object.delete_marker {
                    true => deleted.push(object.id.key.to_string()),
                    false => generations += 1,
                }
            }
            before = next;
        }
        (deleted, generations)
    }

    #[test]
    fn what_has_no_current_generation_was_deleted() {
        let items = [
            item("p/a", 1, true),
            item("p/a", 2, false),
            item("p/b", 1, true),
            item("p/b", 2, true),
            item("p/c", 5, false),
            item("p/c", 4, true),
            item("p/d", 1, true),
        ];
        for page in 1..=items.len() {
            let (deleted, generations) = walk(&items, page);
            assert_eq!(deleted, ["b", "d"], "{page} on a page");
            assert_eq!(generations, items.len());
        }
    }
}
