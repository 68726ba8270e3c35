use snapstore::{
    Capabilities, ErrorKind, ListRequest, ObjectId, Original, PutOptions, UploadOptions, VersionId,
    Versions,
};

use crate::{Context, Failure, Outcome};

/// The capability that a case belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// None: every store keeps this promise.
    Nothing,
    /// [`Capabilities::create_new`].
    CreateNew,
    /// [`Capabilities::uploads`].
    Uploads,
    /// [`Capabilities::create_new`] and [`Capabilities::uploads`].
    CreateNewUploads,
    /// [`Capabilities::versions`].
    Versions,
    /// [`Capabilities::retention`].
    Retention,
    /// [`Capabilities::service`].
    CopiesByItself,
}

impl Need {
    /// Whether the store says that it can.
    pub fn is_claimed(self, claimed: &Capabilities) -> bool {
        match self {
            Self::Nothing => true,
            Self::CreateNew => claimed.create_new,
            Self::Uploads => claimed.uploads.is_some(),
            Self::CreateNewUploads => claimed.create_new && claimed.uploads.is_some(),
            Self::Versions => claimed.versions,
            Self::Retention => claimed.retention,
            Self::CopiesByItself => claimed.service.is_some(),
        }
    }

    /// The other side of a case: what is not claimed is refused, with a kind that says so.
    pub(crate) async fn is_refused(self, context: &Context) -> Outcome {
        let uploads = context.store.capabilities().uploads.is_some();
        match self {
            Self::Uploads | Self::CreateNewUploads if !uploads => uploads_refused(context).await,
            Self::Versions => versions_refused(context).await,
            Self::CopiesByItself => copies_refused(context).await,
            // These cases are for buckets that protect their objects.
            Self::Retention => Err(Failure::new(
                "the bucket protects its objects, and the store does not say so",
            )),
            // Without `create_new` a store looks first and writes then: nothing is refused, only
            // the race is not decided.
            _ => Ok(()),
        }
    }
}

async fn uploads_refused(context: &Context) -> Outcome {
    let options = UploadOptions {
        mode: Default::default(),
        part_size: 1 << 20,
    };
    let started = context
        .store
        .start_upload(&context.key("upload"), options)
        .await;
    context.refused("start_upload", started, ErrorKind::Unsupported)
}

async fn copies_refused(context: &Context) -> Outcome {
    let original = context.put(&context.key("original"), "a").await?;
    let original = Original {
        location: context.store.location().clone(),
        object: original,
    };
    let key = context.key("copy");
    let options = PutOptions::default();
    let copied = context.store.copy_within(&original, &key, options).await;
    context.refused("copy", copied, ErrorKind::Unsupported)?;
    context.is_absent(&key).await
}

async fn versions_refused(context: &Context) -> Outcome {
    let key = context.key("version");
    context.put(&key, "the only one").await?;
    let old = ObjectId {
        key,
        version: Some(VersionId("1".into())),
    };
    let store = &context.store;
    let unsupported = ErrorKind::Unsupported;
    context.refused("get", store.get(&old, None).await, unsupported)?;
    context.refused("head", store.head(&old).await, unsupported)?;
    context.refused("delete", store.delete(&old).await, unsupported)?;
    let request = ListRequest {
        versions: Versions::All,
        ..ListRequest::under(context.prefix())
    };
    context.refused("list", store.list(&request).await, unsupported)
}
