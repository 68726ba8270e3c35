//! Which etcd applies the log. They let the same requests through, but for what no ordinary client
//! does; where those that may start do not agree, nothing is exact.

use std::fmt;
use std::str::FromStr;

use super::alarms::{Alarms, Guard, Origin};
use super::auth::Rules;

/// The etcds that may start on a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Servers {
    /// Any from 3.4 on, but none older than the version of the cluster.
    #[default]
    Any,
    /// This one.
    Only(ServerVersion),
}

/// A version of etcd 3, such as 3.5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    /// The 5 of 3.5.1.
    pub minor: u64,
    /// The 1 of 3.5.1.
    pub patch: u64,
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}.{}", self.minor, self.patch)
    }
}

/// What was given is no version of etcd 3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a version of etcd 3 such as 3.5.35")]
pub struct NoVersion;

impl FromStr for ServerVersion {
    type Err = NoVersion;

    /// `3.5.35` or, as image tags are written, `v3.5.35`, perhaps with `-` and more after it.
    fn from_str(version: &str) -> Result<Self, NoVersion> {
        let numbers = version.strip_prefix('v').unwrap_or(version);
        let numbers = numbers
            .split_once('-')
            .map_or(numbers, |(before, _)| before);
        let (minor, patch) = numbers
            .strip_prefix("3.")
            .and_then(|rest| rest.split_once('.'))
            .ok_or(NoVersion)?;
        Ok(Self {
            minor: minor.parse().map_err(|_| NoVersion)?,
            patch: patch.parse().map_err(|_| NoVersion)?,
        })
    }
}

/// Etcds that let the same requests through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) rules: Rules,
    pub(super) guard: Guard,
}

/// Minor and patch.
type Version = (u64, u64);

/// From which version on, and up to which, an etcd may go by these rules. The bounds are versions
/// whose source was read; between them it is not known where the change was made.
const RULES: [(Version, Version, Rules); 10] = [
    ((3, 0), (4, u64::MAX), Rules::Oldest),
    ((4, 24), (4, u64::MAX), Rules::TopOnly),
    ((4, 24), (4, u64::MAX), Rules::Applied),
    ((5, 0), (5, 26), Rules::Oldest),
    ((5, 2), (5, 34), Rules::TopOnly),
    ((5, 28), (5, u64::MAX), Rules::Applied),
    ((6, 0), (6, 15), Rules::TopOnly),
    ((6, 0), (6, u64::MAX), Rules::Applied),
    ((7, 0), (7, 2), Rules::Applied),
    ((7, 0), (u64::MAX, u64::MAX), Rules::All),
];

impl Servers {
    /// Whether they go on from the newest snapshot that the log tells of, its `.snap` file there or not:
    /// since 3.7 (server/etcdserver/bootstrap.go, `recoverSnapshot`). Before, the newest file counts.
    pub fn go_on_from_records(
        self,
        cluster_version: Option<&str>,
        downgrade: Option<&str>,
    ) -> bool {
        match (self, downgrade) {
            (Self::Only(version), _) => version.minor >= 7,
            (Self::Any, Some(_)) => false,
            (Self::Any, None) => cluster_version.and_then(minor) >= Some(7),
        }
    }

    /// The lines to which they belong, on a cluster of this version unless it is being downgraded.
    pub(super) fn lines<'a>(
        self,
        cluster_version: Option<&str>,
        downgrade: Option<&str>,
        alarms: &'a Alarms,
        origin: Origin,
    ) -> impl Iterator<Item = Line> + use<'a> {
        let oldest = match downgrade {
            None => cluster_version.and_then(minor).unwrap_or(0).min(7),
            Some(_) => 0,
        };
        let may_be = move |from: Version, to: Version| match self {
            Self::Any => to.0 >= oldest,
            Self::Only(version) => (from..=to).contains(&(version.minor, version.patch)),
        };
        let possible = RULES
            .into_iter()
            .filter(move |(from, to, _)| may_be(*from, *to));
        possible.flat_map(move |(_, to, rules)| {
            let guards = if to.0 < 6 {
                alarms.until_3_5().to_vec()
            } else {
                vec![alarms.since_3_6()]
            };
            // One that runs looks at the reads that one that starts passes over.
            let rules = match origin {
                Origin::Start => vec![rules],
                Origin::Midway => vec![rules, Rules::All],
            };
            guards.into_iter().flat_map(move |guard| {
                let rules = rules.clone().into_iter();
                rules.map(move |rules| Line { rules, guard })
            })
        })
    }
}

/// The 5 of "3.5.0".
pub(super) fn minor(version: &str) -> Option<u64> {
    let (minor, _) = version.strip_prefix("3.")?.split_once('.')?;
    minor.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(servers: Servers, cluster: Option<&str>, downgrade: Option<&str>) -> Vec<Rules> {
        let alarms = Alarms::of([], Origin::Start);
        let lines = servers.lines(cluster, downgrade, &alarms, Origin::Start);
        lines.map(|line| line.rules).collect()
    }

    fn only(minor: u64, patch: u64) -> Servers {
        Servers::Only(ServerVersion { minor, patch })
    }

    /// Every version belongs to a line, and those whose source was read to just one.
    #[test]
    fn versions_that_were_read_are_certain() {
        for (minor, patch, read) in [
            (4, 23, Rules::Oldest),
            (5, 1, Rules::Oldest),
            (5, 27, Rules::TopOnly),
            (5, 35, Rules::Applied),
            (6, 16, Rules::Applied),
            (7, 3, Rules::All),
        ] {
            assert_eq!(rules(only(minor, patch), None, None), [read]);
        }
        for minor in 3..9 {
            for patch in 0..50 {
                assert!(!rules(only(minor, patch), None, None).is_empty());
            }
        }
        assert_eq!(rules(only(5, 10), None, None).len(), 2);
    }

    #[test]
    fn versions_are_read_as_images_are_tagged() {
        let read = |version: &str| version.parse::<ServerVersion>();
        for version in ["3.5.35", "v3.5.35", "v3.5.35-0", "3.5.35-rc.1"] {
            assert_eq!(read(version).map(Servers::Only), Ok(only(5, 35)));
        }
        for version in [
            "", "3.5", "2.3.8", "3.5.", "3.5.x", "3.5.3.5", "-3.5.35", "latest",
        ] {
            assert_eq!(read(version), Err(NoVersion));
        }
    }

    #[test]
    fn no_etcd_older_than_the_cluster_starts_but_for_a_downgrade() {
        assert_eq!(rules(Servers::Any, None, None).len(), RULES.len());
        let new = rules(Servers::Any, Some("3.7.0"), None);
        assert_eq!(new, [Rules::Applied, Rules::All]);
        let back = rules(Servers::Any, Some("3.7.0"), Some("3.6.0"));
        assert_eq!(back.len(), RULES.len());
    }
}
