//! What would be the vendor's SDK: a service in this process, with one bucket, `backups`, and one token.

#![expect(
    clippy::disallowed_methods,
    reason = "a service has a clock of its own"
)]

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use snapstore::Bytes;

/// Names on one page of a listing.
const PAGE: usize = 100;

static SERVICE: Mutex<Service> = Mutex::new(Service {
    blobs: BTreeMap::new(),
    uploads: BTreeMap::new(),
    count: 0,
});

#[derive(Debug)]
struct Service {
    blobs: BTreeMap<String, Blob>,
    uploads: BTreeMap<u64, Pending>,
    /// Of all that was ever made.
    count: u64,
}

#[derive(Debug)]
struct Pending {
    name: String,
    parts: BTreeMap<u32, Bytes>,
    last: SystemTime,
    /// A completion whose reply was lost finds what it has made.
    made: Option<Blob>,
}

/// What the service says of an object, and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    pub(crate) bytes: Bytes,
    pub(crate) written: SystemTime,
    pub(crate) etag: u64,
}

/// Why it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    NoSuchBucket,
    NoSuchObject,
    NoSuchUpload,
    Taken,
    Forbidden,
}

/// A page of a listing.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) blobs: Vec<(String, Blob)>,
    /// The name after which the next page begins.
    pub(crate) next: Option<String>,
}

/// Somebody whom the service knows.
#[derive(Debug)]
pub(crate) struct Session(());

fn service() -> MutexGuard<'static, Service> {
    SERVICE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    fn put(&mut self, name: &str, bytes: Bytes, only_new: bool) -> Result<Blob, Fault> {
        if only_new && self.blobs.contains_key(name) {
            return Err(Fault::Taken);
        }
        self.count += 1;
        let blob = Blob {
            bytes,
            written: SystemTime::now(),
            etag: self.count,
        };
        self.blobs.insert(name.to_owned(), blob.clone());
        Ok(blob)
    }
}

impl Session {
    pub(crate) fn open(token: &str) -> Result<Self, Fault> {
        match token {
            "open sesame" => Ok(Self(())),
            _ => Err(Fault::Forbidden),
        }
    }

    pub(crate) fn look(&self, bucket: &str) -> Result<(), Fault> {
        match bucket {
            "backups" => Ok(()),
            _ => Err(Fault::NoSuchBucket),
        }
    }

    pub(crate) fn head(&self, bucket: &str, name: &str) -> Result<Blob, Fault> {
        self.look(bucket)?;
        let found = service().blobs.get(name).cloned();
        found.ok_or(Fault::NoSuchObject)
    }

    pub(crate) fn put(
        &self,
        bucket: &str,
        name: &str,
        bytes: Bytes,
        only_new: bool,
    ) -> Result<Blob, Fault> {
        self.look(bucket)?;
        service().put(name, bytes, only_new)
    }

    pub(crate) fn list(&self, bucket: &str, prefix: &str, after: &str) -> Result<Found, Fault> {
        self.look(bucket)?;
        let service = service();
        let all = service.blobs.iter();
        let mut all = all.filter(|(name, _)| name.starts_with(prefix) && name.as_str() > after);
        let blobs: Vec<_> = all
            .by_ref()
            .take(PAGE)
            .map(|(name, blob)| (name.clone(), blob.clone()))
            .collect();
        let more = all.next().is_some();
        let next = blobs.last().filter(|_| more).map(|(name, _)| name.clone());
        Ok(Found { blobs, next })
    }

    pub(crate) fn delete(&self, bucket: &str, name: &str) -> Result<(), Fault> {
        self.look(bucket)?;
        let gone = service().blobs.remove(name);
        gone.map(drop).ok_or(Fault::NoSuchObject)
    }

    pub(crate) fn begin(&self, bucket: &str, name: &str) -> Result<u64, Fault> {
        self.look(bucket)?;
        let mut service = service();
        service.count += 1;
        let id = service.count;
        let pending = Pending {
            name: name.to_owned(),
            parts: BTreeMap::new(),
            last: SystemTime::now(),
            made: None,
        };
        service.uploads.insert(id, pending);
        Ok(id)
    }

    pub(crate) fn part(&self, id: u64, number: u32, bytes: Bytes) -> Result<u64, Fault> {
        let mut service = service();
        let pending = service.uploads.get_mut(&id).ok_or(Fault::NoSuchUpload)?;
        let length = bytes.len() as u64;
        pending.parts.insert(number, bytes);
        pending.last = SystemTime::now();
        Ok(length)
    }

    pub(crate) fn complete(&self, id: u64, numbers: &[u32], only_new: bool) -> Result<Blob, Fault> {
        let mut service = service();
        let pending = service.uploads.get(&id).ok_or(Fault::NoSuchUpload)?;
        if let Some(made) = &pending.made {
            return Ok(made.clone());
        }
        let mut whole = Vec::new();
        for number in numbers {
            whole.extend_from_slice(pending.parts.get(number).ok_or(Fault::NoSuchUpload)?);
        }
        let name = pending.name.clone();
        let made = service.put(&name, whole.into(), only_new)?;
        if let Some(pending) = service.uploads.get_mut(&id) {
            pending.made = Some(made.clone());
            pending.parts.clear();
        }
        Ok(made)
    }

    pub(crate) fn abort(&self, id: u64) {
        let mut service = service();
        if service
            .uploads
            .get(&id)
            .is_some_and(|pending| pending.made.is_none())
        {
            service.uploads.remove(&id);
        }
    }

    /// The uploads below `prefix`, and when something came last.
    pub(crate) fn pending(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> Result<Vec<(u64, SystemTime)>, Fault> {
        self.look(bucket)?;
        let service = service();
        let below =
            |(_, one): &(&u64, &Pending)| one.made.is_none() && one.name.starts_with(prefix);
        let below = service.uploads.iter().filter(below);
        Ok(below.map(|(id, one)| (*id, one.last)).collect())
    }
}
