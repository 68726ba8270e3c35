use std::sync::Arc;

use async_trait::async_trait;
use snapstore::{
    Bytes, Error, ErrorKind, Key, ObjectMeta, PartReceipt, PutMode, Result, Upload, UploadOptions,
};
use snapstore_cloud::{Reloading, nonce};

use crate::client::Client;
use crate::compose::{Goal, Source, compose};
use crate::object::Generations;
use crate::staging;
use crate::write::write;

/// As with other providers; three levels of compositions would take 32,768.
pub(crate) const MOST_PARTS: u32 = 10_000;

/// An object on its way: each part is a temporary object, and completion composes them.
#[derive(Debug)]
pub(crate) struct GcsUpload {
    pub(crate) client: Arc<Reloading<Client>>,
    pub(crate) id: String,
    /// Where the parts stand; ends in `/`.
    pub(crate) directory: String,
    pub(crate) key: Key,
    /// The provider's name of what is being made.
    pub(crate) name: String,
    pub(crate) options: UploadOptions,
    pub(crate) generations: Generations,
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
    fn error(&self, kind: ErrorKind, operation: &'static str, message: String) -> Error {
        Error::new(kind, operation, message).with_key(&self.key)
    }

    /// The parts as sources, if they make one whole.
    fn sources(&self, parts: &[PartReceipt]) -> Result<Vec<Source>> {
        let mut sources = Vec::with_capacity(parts.len());
        for (number, receipt) in (1..).zip(parts) {
            let last = number as usize == parts.len();
            let arrived = Arrived::parse(&receipt.token)
                .filter(|_| receipt.number == number)
                .filter(|part| last || part.length == self.options.part_size);
            let Some(arrived) = arrived else {
                let message = format!("part {number} of the upload is missing or too short");
                return Err(self.error(ErrorKind::Corrupt, "complete", message));
            };
            sources.push(Source {
                name: format!("{}{}", self.directory, arrived.name),
                generation: arrived.generation,
                length: arrived.length,
            });
        }
        if sources.is_empty() {
            let message = "an upload without a part makes no object".to_owned();
            return Err(self.error(ErrorKind::Config, "complete", message));
        }
        Ok(sources)
    }
}

#[async_trait]
impl Upload for GcsUpload {
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt> {
        let length = data.len() as u64;
        if !(1..=MOST_PARTS).contains(&number) || length > self.options.part_size {
            let message = format!(
                "part {number} of {length} bytes: parts count from 1 to {MOST_PARTS} and hold at \
                 most {} bytes",
                self.options.part_size
            );
            return Err(self.error(ErrorKind::Config, "part", message));
        }
        // A name of its own for each try: one that was given up may still arrive later, and must
        // not replace what a receipt stands for.
        let name = format!("{number:05}-{}", nonce());
        let at = format!("{}{name}", self.directory);
        let client = self.client.current().await;
        let object = write(&client, "part", &at, data, PutMode::Overwrite).await;
        let object = self.client.seen(&client, object).await;
        let object = object.map_err(|error| error.about(&self.key))?;
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
        let sources = self.sources(parts)?;
        let client = self.client.current().await;
        let goal = Goal {
            name: &self.name,
            mode: self.options.mode,
            upload: &self.id,
        };
        let composed = compose(&client, sources, goal, &self.directory).await;
        let composed = self.client.seen(&client, composed).await;
        let composed = composed.map_err(|error| error.about(&self.key))?;
        // The object is there; that parts are left is no reason to say otherwise. They are swept.
        if let Err(error) = staging::clear(&client, &self.directory).await {
            tracing::warn!("parts of {} could not be removed yet: {error}", self.key);
        }
        composed.describe(&self.key, self.generations)
    }

    async fn abort(&self) -> Result<()> {
        let client = self.client.current().await;
        let cleared = staging::clear(&client, &self.directory).await;
        let cleared = self.client.seen(&client, cleared).await;
        cleared.map_err(|error| error.about(&self.key))
    }
}
