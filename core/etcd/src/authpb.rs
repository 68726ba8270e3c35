//! Users and roles, as the `authUsers` and `authRoles` buckets hold them under their names
//! (api/authpb/auth.proto).

use std::borrow::Cow;
use std::fmt;

use prost::{Enumeration, Message};

/// The user who may do everything, and the role that says so.
pub const ROOT: &str = "root";

/// Somebody who may log in.
#[derive(Clone, PartialEq, Eq, Message)]
#[prost(skip_debug)]
pub struct User {
    /// The name.
    #[prost(bytes = "vec", tag = "1")]
    pub name: Vec<u8>,
    /// A bcrypt hash. Never shown.
    #[prost(bytes = "vec", tag = "2")]
    pub password: Vec<u8>,
    /// Names of roles, ascending. Strings to etcd, which up to 3.6 does not ask whether they are UTF-8.
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub roles: Vec<Vec<u8>>,
    /// How it was added. Since 3.4.
    #[prost(message, optional, tag = "4")]
    pub options: Option<UserAddOptions>,
}

impl User {
    /// As the bucket holds it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// Its roles; what is not UTF-8 in a name is replaced.
    pub fn role_names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.roles.iter().map(|role| String::from_utf8_lossy(role))
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &String::from_utf8_lossy(&self.name))
            .field("roles", &self.role_names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// How a user was added.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct UserAddOptions {
    /// Known by a certificate alone.
    #[prost(bool, tag = "1")]
    pub no_password: bool,
}

/// What a permission allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum PermissionType {
    /// To read.
    Read = 0,
    /// To write, which is not to read.
    Write = 1,
    /// Both.
    ReadWrite = 2,
}

/// A range of keys, and what may be done with them.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Permission {
    /// What is allowed.
    #[prost(enumeration = "PermissionType", tag = "1")]
    pub permission_type: i32,
    /// The first key.
    #[prost(bytes = "vec", tag = "2")]
    pub key: Vec<u8>,
    /// Empty for one key, a zero byte for all from the first on.
    #[prost(bytes = "vec", tag = "3")]
    pub range_end: Vec<u8>,
}

/// A named set of permissions.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Role {
    /// The name.
    #[prost(bytes = "vec", tag = "1")]
    pub name: Vec<u8>,
    /// Ascending by key.
    #[prost(message, repeated, tag = "2")]
    pub permissions: Vec<Permission>,
}

impl Role {
    /// As the bucket holds it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}
