use serde::Serialize;

/// What a data directory was found to be, under the names of the reference
/// (`pkg/initializer/validator/types.go`), which scripts and logs know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// Whole, and up to date with its backups.
    DataDirectoryValid,
    /// There is no member.
    DataDirectoryNotExist,
    /// A part of the member is missing.
    #[serde(rename = "DataDirectoryInvStruct")]
    DataDirectoryInvalidStructure,
    /// The raft log or the raft snapshots are damaged, or do not fit the database.
    DataDirectoryCorrupt,
    /// The database is damaged.
    BoltDBCorrupt,
    /// Whole, but an older state than that of the backups.
    RevisionConsistencyError,
    /// The volume is that of another cluster.
    WrongVolumeMounted,
    /// A process uses the directory.
    FailToOpenBoltDBError,
    /// It could not be found out.
    DataDirectoryStatusUnknown,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 9] = [
        Self::DataDirectoryValid,
        Self::DataDirectoryNotExist,
        Self::DataDirectoryInvalidStructure,
        Self::DataDirectoryCorrupt,
        Self::BoltDBCorrupt,
        Self::RevisionConsistencyError,
        Self::WrongVolumeMounted,
        Self::FailToOpenBoltDBError,
        Self::DataDirectoryStatusUnknown,
    ];

    /// The reference's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataDirectoryValid => "DataDirectoryValid",
            Self::DataDirectoryNotExist => "DataDirectoryNotExist",
            Self::DataDirectoryInvalidStructure => "DataDirectoryInvStruct",
            Self::DataDirectoryCorrupt => "DataDirectoryCorrupt",
            Self::BoltDBCorrupt => "BoltDBCorrupt",
            Self::RevisionConsistencyError => "RevisionConsistencyError",
            Self::WrongVolumeMounted => "WrongVolumeMounted",
            Self::FailToOpenBoltDBError => "FailToOpenBoltDBError",
            Self::DataDirectoryStatusUnknown => "DataDirectoryStatusUnknown",
        }
    }

    /// The exit code of `etcdbrctl validate`. 1 is left to everything that keeps it from judging,
    /// as with every other command; 1x would be restored, 2x needs a human.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::DataDirectoryValid => 0,
            Self::DataDirectoryStatusUnknown => 1,
            Self::DataDirectoryNotExist => 10,
            Self::DataDirectoryInvalidStructure => 11,
            Self::DataDirectoryCorrupt => 12,
            Self::BoltDBCorrupt => 13,
            Self::RevisionConsistencyError => 14,
            Self::WrongVolumeMounted => 20,
            Self::FailToOpenBoltDBError => 21,
        }
    }
}
