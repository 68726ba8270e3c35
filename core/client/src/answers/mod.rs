//! What an etcd answers, as values that were understood.

mod alarm;
mod auth;
mod hash;
mod header;
mod key_page;
mod key_value;
mod lease;
mod member;
mod status;
mod written;

pub use alarm::{Alarm, AlarmKind};
pub use auth::AuthState;
pub use hash::HashKv;
pub use header::Header;
pub use key_page::KeyPage;
pub use key_value::KeyValue;
pub use lease::LeaseTime;
pub use member::{Member, Members};
pub use status::Status;
pub use written::Written;
