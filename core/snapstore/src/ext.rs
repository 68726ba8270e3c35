use std::collections::HashMap;
use std::collections::hash_map::Entry;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;

use crate::pages::answers;
use crate::{
    Error, ErrorKind, ListRequest, ObjectId, ObjectMeta, Pages, Result, Snapstore, printable,
};

/// What can be said in terms of the contract, once for all stores.
#[async_trait]
pub trait SnapstoreExt: Snapstore {
    /// Every page of a listing, each object once.
    ///
    /// Errors: `Unexpected` for a listing that does not move on, that holds what was not asked for,
    /// or that says two things of one object.
    async fn list_all(&self, mut request: ListRequest) -> Result<Vec<ObjectMeta>> {
        let mut listing = Listing::default();
        let mut pages = Pages::new("list");
        loop {
            let page = answers(&request, self.list(&request).await?)?;
            let first = page.objects.first().map(name);
            let next = page.next.as_ref().map(|next| next.0.as_str());
            pages.page(first.as_deref(), next)?;
            for object in page.objects {
                listing.add(object)?;
            }
            match page.next {
                Some(next) => request.page = Some(next),
                None => return Ok(listing.objects),
            }
        }
    }

    /// A whole object in memory. For small ones.
    async fn read(&self, object: &ObjectId) -> Result<Bytes> {
        let download = self.get(object, None).await?;
        let body = download
            .body
            .try_fold(BytesMut::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await?;
        Ok(body.freeze())
    }
}

impl<S: Snapstore + ?Sized> SnapstoreExt for S {}

/// One object in one listing. No key holds a line feed.
fn name(object: &ObjectMeta) -> String {
    let version = object.id.version.as_ref().map_or("", |version| &version.0);
    let kind = if object.delete_marker { "marker" } else { "" };
    format!("{}\n{version}\n{kind}", object.id.key)
}

/// What was listed so far.
#[derive(Default)]
struct Listing {
    objects: Vec<ObjectMeta>,
    places: HashMap<String, usize>,
}

impl Listing {
    /// Pages that overlap show an object again, and it counts once.
    fn add(&mut self, object: ObjectMeta) -> Result<()> {
        match self.places.entry(name(&object)) {
            Entry::Vacant(place) => {
                place.insert(self.objects.len());
                self.objects.push(object);
                Ok(())
            }
            Entry::Occupied(place) => {
                let before = self.objects.get(*place.get());
                let size = before.map_or(0, |before| before.size);
                if size == object.size {
                    return Ok(());
                }
                let message = format!(
                    "the store lists \"{}\" twice, once with {size} and once with {} bytes",
                    printable(object.id.key.as_str()),
                    object.size
                );
                let error = Error::new(ErrorKind::Unexpected, "list", message);
                Err(error.retryable())
            }
        }
    }
}
