//! The sidecar of an etcd, over HTTP: what etcd-wrapper, etcd-druid, gardener, Prometheus and the kubelet ask of it.
//!
//! - [`Ports`]: what it asks of those who start it, and what they tell it. It knows no store, no gRPC and no flags.
//! - [`Server`]: listens, answers, and stops in order.
//! - [`Viewer`]: the status page of a store alone.
//! - [`Metrics`]: what is told to Prometheus, by the names of the reference and some more.
//! - [`etcd_config`]: etcd's configuration, read and made for one member.
//!
//! `openapi.yaml` beside this file is the contract; the server hands it out.
#![warn(missing_docs)]

mod error;
pub mod etcd_config;
mod http;
mod initialization;
pub mod metrics;
mod ports;
mod run;
mod settings;
mod trigger;
mod viewer;
mod wrapper;

pub use error::{Error, Result};
pub use initialization::{Progress as InitializationProgress, Word};
pub use metrics::Metrics;
pub use ports::{
    Backups, Cluster, ClusterFacts, ClusterState, Ending, EtcdHealth, Failing, Initializer, Kind,
    Latest, Loss, Mode, Newest, Ports, Position, Proof, Restorable, Role, Snapshots, StatusPage,
    StoreLook, Taken, TakenSnapshot, WallClock, Wanted,
};
pub use run::{Ended, Server};
pub use settings::{Callers, Delegation, Limits, Listen, Settings, TlsFiles, TriggerAccess};
pub use viewer::Viewer;
pub use wrapper::stop_etcd;
