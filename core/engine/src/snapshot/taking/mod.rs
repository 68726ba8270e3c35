//! Takes backups of an etcd: the machine decides, and this asks, reads, names and stores.
//!
//! ```text
//!  etcd ──watch──▶ gatherer ──closed deltas──▶ job ─────▶ store ─▶ notes (metadata)
//!    │                │ revisions                │ stored, failed
//!    ▼                ▼                          ▼
//!  jobs ────────▶  machine  ◀──────────────── driver ◀── time, stop
//! ```

mod answering;
mod answers;
mod arrived;
mod asked;
mod asking;
mod attempts;
mod beginning;
mod beside;
mod chain_checks;
mod chain_there;
mod checks;
mod driver;
mod error;
mod fulls;
mod held;
mod job;
mod lag;
mod last_event;
mod leases;
mod not_taken;
mod notes;
mod notice;
mod parting;
mod perform;
mod raft_log;
mod report;
mod requests;
mod run;
mod said;
mod section;
mod settings;
mod stored;
mod tick;
mod watching;

pub use chain_there::Lost;
pub use error::{Error, Result};
pub use notice::{Listener, Notice};
pub use report::{Dropped, Report, Taken};
pub use requests::{Answer, RequestReceiver, RequestSender, Wanted};
pub use run::run;
pub use settings::{Settings, Task, Turn, WallClock};
