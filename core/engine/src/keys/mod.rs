//! The keys of a store: which there are, which objects need them, whether they open, and for whom.

mod check;
mod error;
mod list;
mod report;
mod rotate;
mod used;

pub use check::check;
pub use error::{Error, Result};
pub use list::list;
pub use report::{
    Checked, Found, KeyLine, Listed, Mode, Opens, Readers, RotatedKey, Rotation, Turned,
};
pub use rotate::rotate;
