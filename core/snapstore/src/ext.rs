use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;

use crate::{ListRequest, ObjectId, ObjectMeta, Result, Snapstore};

/// What can be said in terms of the contract, once for all stores.
#[async_trait]
pub trait SnapstoreExt: Snapstore {
    /// Every page of a listing.
    async fn list_all(&self, mut request: ListRequest) -> Result<Vec<ObjectMeta>> {
        let mut objects = Vec::new();
        loop {
            let page = self.list(&request).await?;
            objects.extend(page.objects);
            match page.next {
                Some(next) => request.page = Some(next),
                None => return Ok(objects),
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
