//! Keys as they were, read out of backups: no etcd is started, and nothing is restored.

mod answer;
mod error;
mod gathered;
mod request;
mod run;

pub use answer::{Answer, Version};
pub use error::{Error, Result};
pub use etcd::revision::{Kind, Revision};
pub use request::{Detail, Request, Span};
pub use run::{get, get_file};
