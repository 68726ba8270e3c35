//! The adapter: everything of tonic is here.

mod alert;
mod call;
mod channel;
mod client;
mod connect;
mod etcd;
mod events;
mod in_clear;
mod keys;
mod login;
mod maintenance;
mod member;
mod members;
mod paced;
mod refusal;
mod rpc;
mod snapshots;
mod sticky;
mod transactions;
mod understood;

pub use client::Client;
pub use member::MAX_MESSAGE;
