//! What goes by the time.

use std::time::Duration;

use client::Large;
use jiff::Timestamp;

use super::beside;
use super::driver::Driver;
use super::error::Result;
use super::notice::Notice;
use super::report::Dropped;
use super::said::Said;
use super::settings::Task;
use super::watching::Watching;
use crate::snapshot::machine::Input;

/// The longest wait: the wall clock may be set meanwhile.
const LONGEST: Duration = Duration::from_secs(30);

/// etcd may take the square of their number to cut the events of one revision (40 s for 75,000 deletes; in one message
/// they come at once): after so long it is asked not to.
const LARGE: Duration = Duration::from_secs(10);

/// So many periods without events, while etcd's revision moves, are a silence.
const SILENT_PERIODS: u32 = 3;

/// And at least so long.
const SILENT: Duration = Duration::from_secs(60);

impl Driver<'_> {
    /// When a full is due after one that was begun then, seconds since 1970.
    pub(super) fn due_after(&self, created: i64) -> Option<Timestamp> {
        let created = Timestamp::from_second(created).ok()?;
        self.settings.schedule.as_ref()?.next_after(created)
    }

    /// How long there is nothing to do.
    pub(super) fn idle(&self) -> Duration {
        let now = self.now();
        let mut due = vec![now + LONGEST, self.timing.look, self.timing.checks.due()];
        due.extend(self.machine.wake());
        due.extend(self.timing.stop);
        let wall = (self.settings.now)();
        due.extend(self.timing.full.map(|full| {
            let left = full.duration_since(wall);
            now + left.try_into().unwrap_or(Duration::ZERO)
        }));
        let next = due.into_iter().min().unwrap_or(now);
        // Never in a loop, whatever is overdue.
        next.saturating_sub(now).max(Duration::from_millis(1))
    }

    /// Does what is due.
    pub(super) fn tick(&mut self) -> Result<()> {
        let now = self.now();
        let wall = (self.settings.now)();
        if self.timing.full.is_some_and(|full| full <= wall) {
            // If it fails, the machine takes it again.
            self.timing.full = self.due_after(wall.as_second());
            self.tell(Input::FullWanted)?;
        }
        let between = self.settings.between_changes;
        if self.timing.changes.are_due(now, between) && self.settings.task == Task::Follow {
            self.tell(Input::FullWanted)?;
        }
        if now >= self.timing.look {
            self.timing.look = now + self.settings.look_every;
            let etcd = self.etcd.clone();
            let look = async move { Said::Looked(beside::look(&*etcd).await) };
            self.way.looking = Some(self.jobs.ask(look));
        }
        self.check_chain();
        if self.timing.stop.is_some_and(|stop| now >= stop) && !self.task.ended {
            let unstored = self.machine.unstored();
            self.report.dropped = unstored.map(|(first, last)| Dropped { first, last });
            self.task.ended = true;
            return Ok(());
        }
        self.tell(Input::Tick)
    }

    /// Whether etcd moves and the watch does not.
    pub(super) fn heard_head(&mut self, head: Option<i64>) {
        let (now, read) = (self.now(), self.machine.read());
        if let Some(head) = head {
            self.listener.notice(&Notice::Stands { head, read });
        }
        let Some(head) = head.filter(|head| *head > read) else {
            (self.timing.moved, self.timing.silent) = ((now, read), false);
            return;
        };
        if read > self.timing.moved.1 {
            (self.timing.moved, self.timing.silent) = ((now, read), false);
        }
        let Some(period) = self.settings.policy.period else {
            return;
        };
        let allowed = SILENT.max(period.saturating_mul(SILENT_PERIODS));
        let since = now.saturating_sub(self.timing.moved.0);
        let is_cut = |watch: &Watching| watch.large() == Large::Cut;
        if since >= LARGE && self.way.watch.as_ref().is_some_and(is_cut) {
            self.watch(read.saturating_add(1), Large::Whole);
        }
        if since >= allowed && !self.timing.silent && self.settings.task == Task::Follow {
            self.timing.silent = true;
            self.listener.notice(&Notice::Silence { head, read });
        }
    }

    /// Somebody asks to stop: what is held is stored first.
    pub(super) fn stop(&mut self) -> Result<()> {
        self.timing.stop = Some(self.now() + self.settings.stop_within);
        self.tell(Input::Stop)
    }
}
