use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use google_cloud_storage::model;
use serde::Deserialize;
use snapstore::{Error, Key, ObjectId, ObjectMeta, Result, VersionId, printable};
use snapstore_cloud::http::odd;
use snapstore_cloud::{from_rfc3339, without_end};

/// Metadata by which people take a backup out of use; the reference's name for it.
const EXCLUDED: &str = "x-etcd-snapshot-exclude";

/// Metadata of ours on what an upload has made: the upload's id, by which a completion whose reply
/// was lost knows its own object again.
pub(crate) const UPLOAD: &str = "etcdbr-upload";

/// What is asked for of an object, and no more: a listing of a thousand is long enough.
pub(crate) const FIELDS: &str = "name,size,generation,timeCreated,timeDeleted,metadata,\
                                 retentionExpirationTime,retention,temporaryHold,eventBasedHold";

/// The object resource of the JSON API, version 1. Numbers are strings there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Resource {
    pub(crate) name: String,
    pub(crate) size: String,
    pub(crate) generation: String,
    pub(crate) time_created: String,
    /// Since when it is not the current generation any more.
    pub(crate) time_deleted: String,
    pub(crate) metadata: HashMap<String, String>,
    /// Of its content; asked for where it is compared.
    pub(crate) crc32c: Option<String>,
    retention_expiration_time: String,
    retention: Retention,
    temporary_hold: bool,
    event_based_hold: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Retention {
    retain_until_time: String,
}

/// Whether generations are shown as versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generations {
    /// The bucket keeps old ones.
    AreVersions,
    /// It does not; a generation tells contents apart and no more.
    AreTags,
}

impl Generations {
    fn version(self, generation: &str) -> Option<VersionId> {
        (self == Self::AreVersions).then(|| VersionId(generation.to_owned()))
    }
}

impl Resource {
    /// Which generation it is.
    pub(crate) fn generation(&self) -> Result<i64> {
        self.generation.parse().map_err(|_| self.odd("generation"))
    }

    /// Its length in bytes.
    pub(crate) fn size(&self) -> Result<u64> {
        self.size.parse().map_err(|_| self.odd("size"))
    }

    /// When it was written.
    pub(crate) fn created(&self) -> Result<SystemTime> {
        from_rfc3339(&self.time_created).ok_or_else(|| self.odd("timeCreated"))
    }

    /// The facts of it, as the object `key`.
    pub(crate) fn describe(&self, key: &Key, generations: Generations) -> Result<ObjectMeta> {
        let hold = self.temporary_hold || self.event_based_hold;
        let bucket = self.until("retentionExpirationTime", &self.retention_expiration_time)?;
        let own = self.until("retention", &self.retention.retain_until_time)?;
        Ok(ObjectMeta {
            id: ObjectId {
                key: key.clone(),
                version: generations.version(&self.generation),
            },
            size: self.size()?,
            modified: self.created().ok(),
            // Not the resource's own etag, which changes with the metadata.
            etag: Some(self.generation.clone()),
            retain_until: bucket.max(own).max(hold.then(without_end)),
            excluded: self.metadata.get(EXCLUDED).is_some_and(|v| v == "true"),
            delete_marker: false,
        })
    }

    /// A time that protects, if there is one. What cannot be read may protect as well.
    fn until(&self, field: &str, time: &str) -> Result<Option<SystemTime>> {
        match time {
            "" => Ok(None),
            time => from_rfc3339(time).map(Some).ok_or_else(|| self.odd(field)),
        }
    }

    fn odd(&self, field: &str) -> Error {
        let name = printable(&self.name);
        odd(
            "describe",
            format!("of \"{name}\", {field} is missing or cannot be read"),
        )
    }
}

/// What Google's client says of an object it has just written.
pub(crate) fn written(key: &Key, object: &model::Object, generations: Generations) -> ObjectMeta {
    let hold = object.temporary_hold || object.event_based_hold == Some(true);
    let retained = object.retention_expire_time.as_ref().map(time);
    let generation = object.generation.to_string();
    ObjectMeta {
        id: ObjectId {
            key: key.clone(),
            version: generations.version(&generation),
        },
        size: u64::try_from(object.size).unwrap_or_default(),
        modified: object.create_time.as_ref().map(time),
        etag: Some(generation),
        retain_until: retained.max(hold.then(without_end)),
        excluded: false,
        delete_marker: false,
    }
}

fn time(stamp: &google_cloud_wkt::Timestamp) -> SystemTime {
    let seconds = u64::try_from(stamp.seconds()).unwrap_or_default();
    let nanos = u32::try_from(stamp.nanos()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore_cloud::to_rfc3339;

    fn resource(facts: serde_json::Value) -> ObjectMeta {
        let mut all = serde_json::json!({
            "name": "p/v2/x", "size": "12", "generation": "17",
            "timeCreated": "2026-11-22T09:13:06.123Z",
        });
        let fields = facts.as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(fields);
        let resource: Resource = serde_json::from_value(all).unwrap();
        let key = Key::new("v2/x").unwrap();
        resource.describe(&key, Generations::AreTags).unwrap()
    }

    #[test]
    fn the_longest_protection_counts() {
        let none = resource(serde_json::json!({}));
        assert_eq!((none.retain_until, none.size), (None, 12));
        let both = resource(serde_json::json!({
            "retentionExpirationTime": "2027-01-01T00:00:00Z",
            "retention": {"mode": "Locked", "retainUntilTime": "2028-01-01T00:00:00Z"},
        }));
        let until = to_rfc3339(both.retain_until.unwrap());
        assert_eq!(until, "2028-01-01T00:00:00Z");
        let held = resource(serde_json::json!({"temporaryHold": true}));
        assert_eq!(held.retain_until, Some(without_end()));
    }

    #[test]
    fn what_people_took_out_of_use_is_excluded() {
        let meta = |value: &str| resource(serde_json::json!({"metadata": {EXCLUDED: value}}));
        assert!(meta("true").excluded);
        assert!(!meta("false").excluded);
    }

    #[test]
    fn an_object_without_facts_is_an_error() {
        let resource = Resource::default();
        let key = Key::new("x").unwrap();
        assert!(resource.describe(&key, Generations::AreTags).is_err());
    }
}
