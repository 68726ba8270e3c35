//! The server over real sockets, as those speak to it who use it: etcd-wrapper, etcd-druid, gardener, the kubelet and
//! Prometheus. What it asks of others (ports) are fakes here, and called so.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod certificates;
mod client;
mod delegation;
mod fakes;
mod limits;
mod observers;
mod status_page;
mod stopping;
mod triggers;
mod world;
mod wrapper;
