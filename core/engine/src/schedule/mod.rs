//! When something is due, as operators write it: the syntax of robfig/cron v3 (`ParseStandard`), which the reference
//! takes for its schedules. Pure: the time is given.
//!
//! ```text
//! [TZ=Area/City ]minute hour day-of-month month day-of-week
//! @every 1h30m | @hourly | @daily | @midnight | @weekly | @monthly | @yearly | @annually
//! ```

mod error;
mod field;
mod next;
mod parse;
#[cfg(test)]
mod tests;

pub use error::ScheduleError;
pub use parse::Schedule;
