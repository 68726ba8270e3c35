use std::path::PathBuf;
use std::time::SystemTime;

use crate::data_dir::Holds;

/// What was seen of a data directory. No judgement yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Which directories are there.
    pub structure: Structure,
    /// Whose volume it is.
    pub guard: Guard,
    /// The file on which a process holds a lock.
    pub in_use: Option<PathBuf>,
    /// `.snap` files.
    pub snapshots: Part,
    /// The write-ahead log, and whether it fits the snapshots and the database.
    pub log: Part,
    /// The database.
    pub database: Part,
    /// The revision that an etcd would be at.
    pub position: Position,
    /// How many members its cluster has, as its database or its log says, whichever knows of more; 0
    /// when neither can be read.
    pub members: usize,
    /// The id of its cluster, as its log says.
    pub cluster_id: Option<u64>,
    /// What the member may hold at most.
    pub holds: Holds,
    /// What there is of its log.
    pub held_log: HeldLog,
    /// When the newest of its files was last written to.
    pub written: Option<SystemTime>,
    /// Where it stands would be known if it were known which etcd will start.
    pub depends_on_version: bool,
    /// What etcd repairs by itself when it starts, and an operator would want to know.
    pub remarks: Vec<String>,
}

/// Which directories of a member are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structure {
    /// No member.
    Absent,
    /// These are missing, relative to the data directory.
    Incomplete(Vec<&'static str>),
    /// All.
    Whole,
}

/// What the file beside the data directory says, see [`super::SafeGuard`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Nobody asked.
    Unasked,
    /// There is none yet.
    Unset,
    /// It names whom it should.
    Ours,
    /// It names another.
    Of(String),
    /// It cannot be read.
    Unreadable(String),
}

/// What was seen of a kind of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Nobody looked: the mode does not ask for it, or it made no difference any more.
    Unseen,
    /// They are what etcd wrote.
    Fine,
    /// They are not.
    Damaged(String),
    /// The system does not let them be read, so nothing is known of their content.
    Unreadable(String),
}

/// Where an etcd would stand that started on the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Not known, since nobody looked or something is damaged.
    Unknown,
    /// In the database that came with the leader's snapshot at this entry, which becomes that of the
    /// member when an etcd starts.
    Received(u64),
    /// At this revision.
    At(i64),
    /// At this revision at least; what the log holds beyond was not looked at.
    AtLeast(i64),
    /// Between these, and this is why it is not known better.
    Between {
        /// Certainly reached.
        lower: i64,
        /// Certainly not passed.
        upper: i64,
        /// What stood in the way.
        why: String,
    },
}

/// What there is of a log, for who would replay it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldLog {
    /// Nobody looked.
    Unseen,
    /// No file of it.
    Nothing,
    /// No file at all where it should be, beside a database: a volume that is not mounted looks like
    /// that.
    NotMounted,
    /// It cannot be read to its end, for this reason.
    Broken(String),
    /// It is whole, to this entry.
    UpTo(u64),
    /// It can be read to this entry; what was written after it is torn, for this reason.
    Torn(u64, String),
}

impl Facts {
    /// Nothing was looked at yet.
    pub(crate) fn unseen() -> Self {
        Self {
            structure: Structure::Whole,
            guard: Guard::Unasked,
            in_use: None,
            snapshots: Part::Unseen,
            log: Part::Unseen,
            database: Part::Unseen,
            position: Position::Unknown,
            members: 0,
            cluster_id: None,
            holds: Holds::AtLeast(0),
            held_log: HeldLog::Unseen,
            written: None,
            depends_on_version: false,
            remarks: Vec::new(),
        }
    }
}
