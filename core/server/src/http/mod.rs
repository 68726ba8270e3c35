//! HTTP: who is answered, by whom, and with what.

mod access;
mod answer;
mod app;
mod client;
mod config;
mod delegate;
mod health;
mod initialization;
mod leader;
mod listener;
mod observed;
mod peer;
mod query;
mod relayed;
mod routes;
#[cfg(test)]
mod scripted;
mod service;
mod slots;
mod snapshots;
mod stalled;
mod status;
mod status_page;
mod target;
mod tls;
mod validity;

pub(crate) use answer::text;
pub(crate) use app::App;
pub(crate) use client::{Secured, client};
pub(crate) use listener::{Closing, Listener, bind};
pub(crate) use peer::is_loopback;
pub(crate) use service::Service;
pub(crate) use status_page::shown;
pub(crate) use tls::Certificates;
