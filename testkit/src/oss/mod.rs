//! An emulator of Alibaba Cloud's Object Storage Service (OSS), since there is none to install: the
//! part of its REST API that backups need, in memory, behind signatures that are verified.
//!
//! It is written from OSS's public API reference and holds to it where clients are easily wrong: a
//! range that reaches beyond the object is ignored unless `x-oss-range-behavior: standard` is sent,
//! listings come URL-encoded only when asked to, a part of less than 100 KiB is refused when the
//! upload is completed and not before. What it does not know it refuses with `NotImplemented`. The
//! vendor's Python client is run against it by `tests/oss2`, so that it and the clients it serves
//! are not made to fit each other by one author alone.
//!
//! Not there: versioning, access control lists, encryption, copying but for parts, appending, signed URLs.

mod account;
mod asked;
mod authenticate;
mod bucket;
mod buckets;
mod content;
mod copied;
mod listing;
mod objects;
mod pending;
mod range;
mod refusal;
mod reply;
mod retention;
mod service;
mod settings;
mod signature_v1;
mod signature_v4;
mod time;
mod uploads;
mod versioning;
mod worm;
mod xml;

use std::io;
use std::time::Duration;

use crate::loopback::Loopback;
use service::Service;

pub use account::Account;
pub use settings::Settings;

/// An OSS that runs until it is dropped, and then forgets everything.
#[derive(Debug)]
pub struct Emulator {
    url: String,
    service: Service,
    _serving: Loopback,
}

impl Emulator {
    /// One that lets `accounts` in, and is like OSS in all else.
    pub fn start(accounts: Vec<Account>) -> io::Result<Self> {
        Self::start_with(Settings {
            accounts,
            ..Settings::default()
        })
    }

    /// One with settings of its own.
    pub fn start_with(settings: Settings) -> io::Result<Self> {
        let address = settings.address;
        let service = Service::new(settings);
        let serving = Loopback::serve(address, None, |_| service.clone())?;
        Ok(Self {
            url: format!("http://{}", serving.address()),
            service,
            _serving: serving,
        })
    }

    /// Its endpoint, for clients that put the bucket into the path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on only these accounts are let in: keys were rotated, or a token has expired.
    pub fn replace_accounts(&self, accounts: Vec<Account>) {
        self.service.replace_accounts(accounts);
    }

    /// Makes an empty bucket, unless it is there.
    pub fn create_bucket(&self, name: &str) {
        self.service.world().create(name);
    }

    /// Locks a retention policy of so many days onto a bucket that is there.
    pub fn retain(&self, bucket: &str, days: u32) {
        if let Some(bucket) = self.service.world().buckets.get_mut(bucket) {
            bucket.worm = Some(retention::Worm::locked(days));
        }
    }

    /// Has a bucket that is there keep versions, as far as it shows: `x-oss-forbid-overwrite` is
    /// ignored from now on.
    pub fn keep_versions(&self, bucket: &str) {
        if let Some(bucket) = self.service.world().buckets.get_mut(bucket) {
            bucket.versioning = Some(bucket::Versioning::Enabled);
        }
    }

    /// All that was stored or begun so far becomes so much older.
    pub fn age(&self, by: Duration) {
        self.service.world().age(by);
    }
}
