use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use snapstore::Sending;
use tokio::sync::Mutex;

use crate::backups::Compression;
use crate::backups::encoder::Level;
use crate::backups::storing::Arrival;
use crate::schedule::Schedule;
use crate::snapshot::fence::Process;
use crate::snapshot::machine::Policy;

/// What time it is, for names and schedules. It may go back.
pub type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Whose turn it is. Held while a full streams; whoever blocks a member of etcd holds it meanwhile: a defragmentation beside a
/// full would block that member until the full has ended.
pub type Turn = Arc<Mutex<()>>;

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Fulls and deltas, until somebody asks to stop.
    Follow,
    /// One full.
    Full {
        /// Whether it is the last of a cluster that is put to sleep or moved.
        is_final: bool,
    },
    /// One delta of what has happened since the last snapshot; a full where no delta can continue it.
    Delta,
}

/// How backups are taken.
#[derive(Clone)]
pub struct Settings {
    /// What is taken.
    pub task: Task,
    /// When deltas are.
    pub policy: Policy,
    /// When fulls are; `None`: only when they are needed or asked for.
    pub schedule: Option<Schedule>,
    /// How objects are compressed.
    pub compression: Compression,
    /// How hard.
    pub level: Level,
    /// On how many threads a full is compressed, where it can be.
    pub threads: usize,
    /// How fulls are sent.
    pub sending: Sending,
    /// How long one side of a full may do nothing before it is given up.
    pub stall: Duration,
    /// How long a full may take.
    pub full_within: Duration,
    /// Taken by each full, for as long as it streams.
    pub turn: Turn,
    /// When an object counts as taken.
    pub arrival: Arrival,
    /// How often etcd is asked what no event carries, and whether it moves while the watch is silent.
    pub look_every: Duration,
    /// How often the store is asked whether what deltas continue is still there. Once in sixty times all of it is listed.
    pub check_every: Duration,
    /// How long after a full that was taken for a change of users or members the next one is.
    pub between_changes: Duration,
    /// How long what is held may take to be stored when somebody asks to stop.
    pub stop_within: Duration,
    /// How often one thing may fail before a single snapshot is given up.
    pub attempts: u32,
    /// Who takes them.
    pub process: Process,
    /// How long a write of another snapshotter may be under way after it should have stopped.
    pub settle: Duration,
    /// What time it is.
    pub now: WallClock,
    /// Name and version of the program.
    pub tool: String,
}

impl Settings {
    /// What the machine goes by for this task.
    pub(super) fn policy(&self) -> Policy {
        let period = match self.task {
            Task::Follow => self.policy.period,
            Task::Full { .. } => None,
            // It is ended when it holds what it should.
            Task::Delta => Some(Duration::MAX),
        };
        Policy {
            period,
            ..self.policy
        }
    }
}
