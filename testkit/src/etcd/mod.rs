//! A running etcd, and what to ask it. Everything goes through its JSON gateway, which etcd 3.4
//! to 3.7 all have, so one client fits every version.

mod gateway;
mod key_value;
mod kv;
mod lease;
mod maintenance;
mod member;
mod process;
mod proto_json;
mod state;
mod txn;
mod v2;
mod watch;

pub use gateway::Refused;
pub use key_value::KeyValue;
pub use kv::Compacted;
pub use lease::LeaseTime;
pub use maintenance::HashKv;
pub use member::Member;
pub use process::Etcd;
pub use proto_json::{Bytes, Int};
pub use state::State;
pub use txn::{Compare, Op, Txn};
pub use watch::{Change, Event, Watched};
