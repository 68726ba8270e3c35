//! The Helm chart `charts/etcdbrctl`: rendered by Helm, judged by a real kube-apiserver, and its command lines by the program. What
//! `cli/tests/server/chart.rs` runs are its pods.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod access;
mod admitted;
mod command_lines;
mod cron_job;
mod lint;
mod monitoring;
mod page;
mod rendered;
mod secrets;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod upgraded;
