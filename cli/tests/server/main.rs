//! `server` as it runs in a pod: etcd-wrapper asks it to initialize and for etcd's configuration, and starts a real etcd with
//! that; etcd-druid and gardener ask it for snapshots; the kubelet for its health.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alert_troubles;
mod alerts;
mod asked;
mod by_command;
mod by_rules;
mod certificates;
#[cfg(feature = "kubernetes")]
mod chart;
#[cfg(feature = "kubernetes")]
mod chart_secured;
mod dashboard;
mod expired;
mod flags;
mod gateway;
mod hangs;
mod http;
mod initialized;
#[cfg(feature = "kubernetes")]
mod kubelet;
mod leader;
#[cfg(feature = "kubernetes")]
mod leases;
mod load;
mod machines;
mod members;
mod page;
mod place;
mod pod;
#[path = "../snapshot/reference.rs"]
mod reference;
#[cfg(feature = "kubernetes")]
#[path = "../chart/rendered.rs"]
mod rendered;
#[path = "../sample/mod.rs"]
mod sample;
mod secured;
mod stored;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod swapped;
mod troubles;
