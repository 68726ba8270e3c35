//! Requests that change users and roles (api/etcdserverpb/rpc.proto).

use std::fmt;

use prost::Message;

use crate::Malformed;
use crate::authpb::{Permission, UserAddOptions};

use super::message::message;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AuthRequest {
    Enable,
    Disable,
    UserAdd(UserAdd),
    UserDelete(Name),
    UserChangePassword(UserChangePassword),
    UserGrantRole(UserRole),
    UserRevokeRole(UserRole),
    RoleAdd(Name),
    RoleDelete(Name),
    RoleGrantPermission(RoleGrantPermission),
    RoleRevokePermission(RoleRevokePermission),
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct UserAdd {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    /// Written by 3.4, which hashes it at apply: with salt, so differently at every replay.
    #[prost(string, tag = "2")]
    pub(crate) password: String,
    #[prost(message, optional, tag = "3")]
    pub(crate) options: Option<UserAddOptions>,
    /// The bcrypt hash in base64. Since 3.5.
    #[prost(string, tag = "4")]
    pub(crate) hashed_password: String,
}

impl fmt::Debug for UserAdd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAdd")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(crate) struct UserChangePassword {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) password: String,
    #[prost(string, tag = "3")]
    pub(crate) hashed_password: String,
}

impl fmt::Debug for UserChangePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserChangePassword")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Name {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct UserRole {
    #[prost(string, tag = "1")]
    pub(crate) user: String,
    #[prost(string, tag = "2")]
    pub(crate) role: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct RoleGrantPermission {
    #[prost(string, tag = "1")]
    pub(crate) role: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) permission: Option<Permission>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct RoleRevokePermission {
    #[prost(string, tag = "1")]
    pub(crate) role: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) key: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) range_end: Vec<u8>,
}

impl AuthRequest {
    /// The request of this field of an InternalRaftRequest, or `None` when it is none of these.
    pub(super) fn decode(field: u64, body: &[u8]) -> Result<Option<Self>, Malformed> {
        Ok(Some(match field {
            1000 => Self::Enable,
            1011 => Self::Disable,
            1100 => Self::UserAdd(message("AuthUserAddRequest", body)?),
            1101 => Self::UserDelete(message("AuthUserDeleteRequest", body)?),
            1103 => Self::UserChangePassword(message("AuthUserChangePasswordRequest", body)?),
            1104 => Self::UserGrantRole(message("AuthUserGrantRoleRequest", body)?),
            1105 => Self::UserRevokeRole(message("AuthUserRevokeRoleRequest", body)?),
            1200 => Self::RoleAdd(message("AuthRoleAddRequest", body)?),
            1201 => Self::RoleDelete(message("AuthRoleDeleteRequest", body)?),
            1203 => Self::RoleGrantPermission(message("AuthRoleGrantPermissionRequest", body)?),
            1204 => Self::RoleRevokePermission(message("AuthRoleRevokePermissionRequest", body)?),
            _ => return Ok(None),
        }))
    }
}
