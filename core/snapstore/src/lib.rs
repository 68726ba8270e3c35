//! The contract between backups and the places that keep them.
//!
//! A [`Snapstore`] holds *objects*: immutable byte strings under a [`Key`]. It knows nothing of
//! snapshots, revisions or compression; that is the business of the crates above. What six
//! different providers can promise alike is small, and it is all here: put, upload in parts, get,
//! head, list, delete. Everything else (retries, resuming, progress) is built on these, once.
//!
//! A provider is one crate that implements [`Snapstore`] and exports a [`Provider`]. The suite in
//! `conformance-tests` checks every promise written in these docs on a real store.
#![warn(missing_docs)]

mod addressing;
mod capabilities;
pub mod clock;
mod copied;
mod endpoint;
mod environment;
mod error;
mod ext;
mod key;
pub mod layers;
mod list;
mod location;
pub mod memory;
mod object;
mod pages;
mod parts;
pub mod prefix;
mod provider;
mod put;
mod sender;
mod shown;
mod store;
mod upload;

pub use addressing::AddressingStyle;
pub use bytes::Bytes;
pub use capabilities::{Capabilities, UploadLimits};
pub use copied::{Copied, Original, SameContent};
pub use endpoint::EndpointUrl;
pub use environment::Environment;
pub use error::{Error, ErrorKind, Result};
pub use ext::SnapstoreExt;
pub use key::{Key, KeyError, MAX_KEY_BYTES};
pub use list::{ListPage, ListRequest, PageToken, Versions};
pub use location::Location;
pub use object::{ByteStream, Download, ObjectId, ObjectMeta, VersionId};
pub use pages::Pages;
pub use provider::{OpenFuture, Provider, StoreConfig, opened};
pub use put::{PutMode, PutOptions};
pub use sender::{Sending, send, send_until};
pub use shown::{excerpt, printable};
pub use store::Snapstore;
pub use upload::{PartReceipt, Upload, UploadOptions};
