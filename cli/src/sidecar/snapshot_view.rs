//! Snapshots as the server describes them. Pure.

use engine::backups::{Kind, Snapshot, SnapshotName};
use jiff::Timestamp;
use server::{Kind as ToldKind, TakenSnapshot};

/// One that was just taken, by its key.
pub(super) fn of_key(key: &str) -> Result<TakenSnapshot, String> {
    let name = key.rsplit('/').next().unwrap_or(key);
    let parsed = SnapshotName::parse(name).map_err(|error| format!("{name}: {error}"))?;
    told(&parsed, name)
}

/// One that stands in the store.
pub(super) fn of_listed(snapshot: &Snapshot) -> Result<TakenSnapshot, String> {
    let key = snapshot.key().as_str();
    let directory = key.split('/').find(|part| part.starts_with("Backup-"));
    let retained = snapshot.retain_until.map(Timestamp::try_from).transpose();
    Ok(TakenSnapshot {
        snap_dir: directory.unwrap_or_default().to_owned(),
        version_id: snapshot
            .id
            .version
            .as_ref()
            .map(|version| version.0.clone()),
        immutability_expiry_time: retained.map_err(|error| format!("{key}: {error}"))?,
        ..told(&snapshot.name, snapshot.key().file_name())?
    })
}

fn told(name: &SnapshotName, written: &str) -> Result<TakenSnapshot, String> {
    let created = name.created_at();
    let created = created.ok_or_else(|| format!("{written}: its time is out of range"))?;
    Ok(TakenSnapshot {
        created_on: created,
        immutability_expiry_time: None,
        version_id: None,
        kind: match name.kind {
            Kind::Full => ToldKind::Full,
            Kind::Delta => ToldKind::Delta,
        },
        snap_dir: String::new(),
        snap_name: written.to_owned(),
        prefix: String::new(),
        compression_suffix: name.encoding.suffix().to_owned(),
        start_revision: name.first,
        last_revision: name.last,
        is_chunk: false,
        is_final: name.is_final,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_all_that_the_reference_tells() {
        let full = of_key("v2/Full-00000000-00001354-1795338849.gz.final").unwrap();
        assert_eq!(
            (full.kind, full.start_revision, full.last_revision),
            (ToldKind::Full, 0, 1354)
        );
        assert_eq!(full.created_on.as_second(), 1_795_338_849);
        assert_eq!(full.compression_suffix, ".gz");
        assert!(full.is_final && !full.is_chunk);
        let delta = of_key("v2/Incr-00001355-00001360-1795338900").unwrap();
        assert_eq!((delta.kind, delta.start_revision), (ToldKind::Delta, 1355));
        assert_eq!(
            (delta.compression_suffix.as_str(), delta.is_final),
            ("", false)
        );
        assert!(of_key("v2/notes.txt").is_err());
    }
}
