use std::sync::Arc;

use async_trait::async_trait;
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, PutMode, Result, Upload, UploadOptions,
};
use snapstore_cloud::nonce;

use crate::bucket::{Bucket, MOST_PARTS};
use crate::client::Client;
use crate::compose::{Goal, Source, compose};
use crate::staging;
use crate::write::write;

/// An object on its way: each part is a temporary object, and completion composes them.
#[derive(Debug)]
pub(crate) struct GcsUpload {
    bucket: Arc<Bucket>,
    id: String,
    /// Where the parts stand; ends in `/`.
    directory: String,
    key: Key,
    /// The provider's name of what is being made.
    name: String,
    options: UploadOptions,
}

/// A part that has arrived, as it travels in a receipt.
struct Arrived {
    name: String,
    generation: String,
    length: u64,
}

impl Arrived {
    fn token(&self) -> String {
        format!("{} {} {}", self.name, self.generation, self.length)
    }

    fn parse(token: &str) -> Option<Self> {
        let mut fields = token.split(' ').map(str::to_owned);
        let (name, generation) = (fields.next()?, fields.next()?);
        let length = fields.next()?.parse().ok()?;
        Some(Self {
            name,
            generation,
            length,
        })
    }
}

impl GcsUpload {
    pub(crate) fn new(bucket: Arc<Bucket>, key: &Key, options: UploadOptions) -> Result<Self> {
        let id = nonce();
        Ok(Self {
            directory: staging::directory(&bucket.keys, &id),
            id,
            key: key.clone(),
            name: bucket.name_of("start_upload", key)?,
            options,
            bucket,
        })
    }

    /// The parts as sources, if they make one whole.
    fn sources(&self, parts: &[PartReceipt]) -> Result<Vec<Source>> {
        let source = |receipt: &PartReceipt| {
            let part = Arrived::parse(&receipt.token)?;
            let fits = self.options.fits(receipt.number, parts.len(), part.length);
            fits.then(|| Source {
                name: format!("{}{}", self.directory, part.name),
                generation: part.generation,
                length: part.length,
            })
        };
        let sources = PartReceipt::in_order(parts, source)?;
        if sources.is_empty() {
            let message = "an upload without a part makes no object";
            return Err(Error::new(ErrorKind::Config, "complete", message));
        }
        Ok(sources)
    }

    async fn finish(&self, client: &Client, sources: Vec<Source>) -> Result<ObjectMeta> {
        let goal = Goal {
            name: &self.name,
            mode: self.options.mode,
            upload: &self.id,
        };
        let composed = compose(client, sources, goal, &self.directory).await?;
        // The object is there; that parts are left is no reason to say otherwise. They are swept.
        if let Err(error) = staging::clear(client, &self.directory).await {
            tracing::warn!("parts of {} could not be removed yet: {error}", self.key);
        }
        composed.describe(&self.key, self.bucket.generations)
    }
}

#[async_trait]
impl Upload for GcsUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let length = data.len() as u64;
        let admitted = self.options.admit(number, length, MOST_PARTS);
        admitted.map_err(|error| error.about(&self.key))?;
        // A name of its own for each try: one that was given up may still arrive later, and must
        // not replace what a receipt stands for.
        let name = format!("{number:05}-{}", nonce());
        let at = format!("{}{name}", self.directory);
        let part =
            async |client: Arc<Client>| write(&client, "part", &at, data, PutMode::Overwrite).await;
        let object = self.bucket.client.call(Some(&self.key), part).await?;
        let arrived = Arrived {
            name,
            generation: object.generation.to_string(),
            length,
        };
        Ok(PartReceipt {
            number,
            token: arrived.token(),
        })
    }

    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta> {
        let sources = self
            .sources(parts)
            .map_err(|error| error.about(&self.key))?;
        let complete = async |client: Arc<Client>| self.finish(&client, sources).await;
        self.bucket.client.call(Some(&self.key), complete).await
    }

    async fn abort(&self) -> Result<()> {
        let abort = async |client: Arc<Client>| staging::clear(&client, &self.directory).await;
        self.bucket.client.call(Some(&self.key), abort).await
    }
}
