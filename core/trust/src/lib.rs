//! Whose certificate is accepted, and what TLS says of one that is not: once for stores and for etcd.

mod fault;
mod named;

pub use fault::{causes, is_ca_as_leaf, of_tls};
pub use named::Named;
