//! What is left beside the data directory of a member that has served: a directory that is gone later is then none of a cluster that is
//! to be made.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What its name ends with, after that of the data directory.
const SUFFIX: &str = "etcdbr-member";

/// Which member served here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MemberMark {
    /// Its cluster and itself, in hex as etcdctl writes them.
    pub(crate) cluster_id: String,
    pub(crate) member_id: String,
    /// The pod that it served in; one that was left by an earlier version does not say it.
    #[serde(default)]
    pub(crate) pod: Option<String>,
}

impl MemberMark {
    /// Where it is.
    pub(crate) fn path(data_dir: &Path) -> PathBuf {
        data_dir.with_added_extension(SUFFIX)
    }

    pub(crate) fn of(cluster_id: u64, member_id: u64, pod: Option<&str>) -> Self {
        Self {
            cluster_id: format!("{cluster_id:x}"),
            member_id: format!("{member_id:x}"),
            pod: pod.map(str::to_owned),
        }
    }

    /// That of a data directory; `None` where no member has served.
    ///
    /// Errors: one sentence for people, where there is one that cannot be read.
    pub(crate) fn read(data_dir: &Path) -> Result<Option<Self>, String> {
        let path = Self::path(data_dir);
        let told = |why: String| format!("{}: {why}", path.display());
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(told(error.to_string())),
        };
        let mark = serde_json::from_slice(&text);
        mark.map(Some).map_err(|error| told(error.to_string()))
    }

    /// Leaves it, whole or not at all.
    ///
    /// Errors: one sentence for people.
    pub(crate) fn write(&self, data_dir: &Path) -> Result<(), String> {
        let path = Self::path(data_dir);
        let written = self.write_to(&path);
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let draft = path.with_added_extension("draft");
        let mut file = fs::File::create(&draft)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(draft, path)?;
        match path.parent() {
            Some(parent) => fs::File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_is_found_again() {
        let room = tempfile::tempdir().unwrap();
        let data_dir = room.path().join("new.etcd");
        assert_eq!(MemberMark::read(&data_dir), Ok(None));
        let mark = MemberMark::of(0xcafe, 0xd0e, Some("etcd-0"));
        let nowhere = mark.write(&room.path().join("none/new.etcd"));
        assert!(nowhere.unwrap_err().contains("cannot write"));
        mark.write(&data_dir).unwrap();
        assert_eq!(MemberMark::read(&data_dir), Ok(Some(mark.clone())));
        assert_eq!(
            (mark.cluster_id.as_str(), mark.member_id.as_str()),
            ("cafe", "d0e")
        );
        let earlier = r#"{"cluster_id":"cafe","member_id":"d0e"}"#;
        fs::write(MemberMark::path(&data_dir), earlier).unwrap();
        let read = MemberMark::read(&data_dir).unwrap().unwrap();
        assert_eq!((read.pod, read.member_id.as_str()), (None, "d0e"));
        // One that cannot be read is no sign of a new cluster.
        fs::write(MemberMark::path(&data_dir), "{").unwrap();
        assert!(MemberMark::read(&data_dir).unwrap_err().contains(SUFFIX));
    }
}
