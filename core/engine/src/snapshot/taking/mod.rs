//! Takes backups of an etcd: the machine decides, and this asks, reads, names and stores.
//!
//! ```text
//!  etcd ──watch──▶ gatherer ──closed deltas──▶ errand ──▶ store ─▶ notes (metadata)
//!    │                │ revisions                │ stored, failed
//!    ▼                ▼                          ▼
//!  errands ──────▶  machine  ◀──────────────── driver ◀── time, stop
//! ```

mod asking;
mod beginning;
mod beside;
mod driver;
mod errand;
mod error;
mod fulls;
mod hear;
mod last_event;
mod leases;
mod notes;
mod notice;
mod parting;
mod perform;
mod report;
mod run;
mod said;
mod settings;
mod tick;
mod wanted;
mod watching;

pub use error::{Error, Result};
pub use notice::{Listener, Notice};
pub use report::{Dropped, Report, Taken};
pub use run::run;
pub use settings::{Settings, Task, WallClock};
pub use wanted::{Bell, Ear, Wanted};
