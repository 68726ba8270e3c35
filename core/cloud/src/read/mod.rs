//! Reading a part of an object, and noticing when it is not all of it.

mod body;
mod download;
mod listed;
mod range;

pub use body::exactly;
pub use download::{download, nothing};
pub use listed::listed;
pub use range::{Ask, content_range};
