//! Credentials as an operator mounts them: a directory with a file for each value (a Kubernetes
//! secret), or one JSON file. Names are those of the reference; values are trimmed, where the
//! reference takes a newline at the end for a part of the secret.

mod fields;
mod mounted;
mod place;
mod source;
mod watch;

pub use fields::Fields;
pub use place::{path, path_of_process};
pub use source::Source;
pub use watch::{Stamp, Watch};
