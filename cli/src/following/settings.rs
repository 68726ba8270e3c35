use std::sync::Arc;
use std::time::Duration;

use engine::backups::Compression;
use engine::snapshot::fence::Process;
use engine::snapshot::taking::{Settings, Task, Turn};

use crate::args::TakingArgs;
use crate::clock::now;

/// How long one side of a full may do nothing: etcd uses no freed page again while it is read.
const STALL: Duration = Duration::from_secs(60);

/// What the flags say.
pub(super) fn of(args: &TakingArgs, task: Task, full_within: Duration) -> Settings {
    let (compression, level) = args.compression();
    if compression == Compression::Zstd {
        tracing::warn!(
            "what is taken now is compressed with zstd: etcd-backup-restore cannot read it, nor restore a store in which \
             it is the newest"
        );
    }
    Settings {
        task,
        policy: args.policy(),
        schedule: Some(args.schedule()),
        compression,
        level,
        threads: threads(),
        sending: args.sending(),
        stall: STALL,
        full_within,
        turn: Turn::default(),
        arrival: args.arrival(),
        look_every: Duration::from_secs(10),
        check_every: Duration::from_secs(60),
        between_changes: Duration::from_secs(300),
        stop_within: args.stop_within(),
        attempts: 3,
        process: Process::current(),
        // Longer than one write of a delta takes, its retries included.
        settle: Duration::from_secs(10),
        now: Arc::new(now),
        tool: format!("etcdbrctl {}", env!("CARGO_PKG_VERSION")),
    }
}

/// Few: etcd may run beside this.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
}
