//! A real kube-apiserver on a real etcd: its roles, tokens and conflicts are those of any cluster. There are no controllers and no
//! nodes.

mod definitions;
mod objects;
mod process;

pub use objects::ServiceAccount;
pub use process::ApiServer;
