//! A service of OpenDAL, and what it can.

use std::collections::BTreeMap;
use std::path::Path;

use opendal::raw::Service as _;
use opendal::{Capability, Operator, OperatorRegistry};
use snapstore::Result;

use crate::config::{Settings, wrong};
use crate::error::failed;
use crate::secrets::Secrets;

/// How an object comes to be there, all of it or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appears {
    /// The service shows nothing of a write before its end.
    AtTheEnd,
    /// It may show half of one. So it is written beside its place, and renamed, which replaces at once.
    ByRename,
    /// The same, but what is replaced is removed first: for a moment there is nothing (RFC 4918, 9.9.3).
    ByMove,
}

/// Services whose writes show at their end, by their own documentation. All others rename, and none but [`AT_ONCE`] is
/// trusted to replace at once.
const AT_THE_END: [&str; 11] = [
    "memory",
    "s3",
    "gcs",
    "azblob",
    "oss",
    "cos",
    "obs",
    "tos",
    "b2",
    "swift",
    "vercel-blob",
];

/// POSIX's rename.
const AT_ONCE: [&str; 1] = ["fs"];

/// Other names of fs and of cos. The tables here have the first.
const ALIASES: [&str; 2] = ["file", "cosn"];

/// Services with an option for what others call a directory.
const BUCKETS: [(&str, &str); 11] = [
    ("s3", "bucket"),
    ("gcs", "bucket"),
    ("oss", "bucket"),
    ("cos", "bucket"),
    ("obs", "bucket"),
    ("tos", "bucket"),
    ("b2", "bucket"),
    ("azblob", "container"),
    ("swift", "container"),
    ("azdls", "filesystem"),
    ("azfile", "share_name"),
];

/// The service, opened. Nothing has been asked of it.
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) operator: Operator,
    pub(crate) appears: Appears,
    /// What the service itself can, without what OpenDAL makes of it.
    pub(crate) can: Capability,
    pub(crate) secrets: Secrets,
}

impl Service {
    /// Opens what `settings` name, and says whether the container is a directory of it.
    ///
    /// Errors: `Config`.
    pub(crate) fn open(settings: &Settings) -> Result<(Self, Contained)> {
        let Settings {
            service, container, ..
        } = settings;
        let mut options = settings.options.clone();
        known(service)?;
        let contained = contained(service, container, &mut options)?;
        if service == "fs" {
            is_there(options.get("root"))?;
        }
        let secrets = Secrets::of(&options);
        let operator = Operator::via_iter(service, options)
            .map_err(|error| wrong(failed(&secrets, "open", &error).message().to_owned()))?;
        let can = operator.base_service().capability();
        let appears = appears(service, can)?;
        let opened = Self {
            name: service.clone(),
            operator,
            appears,
            can,
            secrets,
        };
        Ok((opened, contained))
    }
}

/// What `--store-container` means to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contained {
    InDirectory,
    InBucket,
}

fn known(service: &str) -> Result<()> {
    opendal::install_default();
    let schemes = OperatorRegistry::get().schemes().into_iter();
    let mut there: Vec<_> = schemes
        .filter(|name| !ALIASES.contains(&name.as_str()))
        .collect();
    if there.iter().any(|name| name == service) {
        return Ok(());
    }
    there.sort();
    Err(wrong(format!(
        "this plugin was built without the service \"{service}\"; it has {}",
        there.join(", ")
    )))
}

/// The bucket is named once, or twice alike.
fn contained(
    service: &str,
    container: &str,
    options: &mut BTreeMap<String, String>,
) -> Result<Contained> {
    let Some((_, option)) = BUCKETS.iter().find(|(name, _)| *name == service) else {
        return Ok(Contained::InDirectory);
    };
    match options.get(*option) {
        Some(named) if named != container => Err(wrong(format!(
            "the options name the {option} \"{named}\", and the container of the store is \"{container}\""
        ))),
        _ => {
            options.insert((*option).to_owned(), container.to_owned());
            Ok(Contained::InBucket)
        }
    }
}

/// OpenDAL makes a root that is missing: a file system that is not mounted would be an empty store.
fn is_there(root: Option<&String>) -> Result<()> {
    let Some(root) = root else {
        return Err(wrong("the service fs needs the option \"root\"".into()));
    };
    let path = Path::new(root);
    if !path.is_absolute() {
        return Err(wrong(format!(
            "the root \"{root}\" is not an absolute path"
        )));
    }
    match path.is_dir() {
        true => Ok(()),
        false => Err(wrong(format!(
            "the root \"{root}\" is no directory: mount it, or make it"
        ))),
    }
}

fn appears(service: &str, can: Capability) -> Result<Appears> {
    let works = can.read && can.write && can.stat && can.list && can.delete;
    match (AT_THE_END.contains(&service), can.rename) {
        _ if !works => Err(wrong(format!(
            "the service {service} cannot keep backups: OpenDAL does not read, write, list and delete there"
        ))),
        (true, _) => Ok(Appears::AtTheEnd),
        (false, true) if AT_ONCE.contains(&service) => Ok(Appears::ByRename),
        (false, true) => Ok(Appears::ByMove),
        (false, false) => Err(wrong(format!(
            "the service {service} may show half of what is being written, and OpenDAL cannot rename there"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_an_option_of_its_service() -> Result<()> {
        let mut options = BTreeMap::new();
        let is = contained("s3", "backups", &mut options)?;
        assert_eq!(is, Contained::InBucket);
        assert_eq!(options["bucket"], "backups");
        assert!(contained("s3", "others", &mut options).is_err());
        let mut options = BTreeMap::new();
        let is = contained("webdav", "backups", &mut options)?;
        assert_eq!((is, options.len()), (Contained::InDirectory, 0));
        Ok(())
    }

    /// What only renames after a look claims no more.
    #[test]
    fn a_service_that_can_neither_hide_nor_rename_is_refused() {
        let mut can = Capability {
            read: true,
            write: true,
            stat: true,
            list: true,
            delete: true,
            ..Capability::default()
        };
        assert!(appears("ftp", can).is_err());
        assert!(matches!(appears("s3", can), Ok(Appears::AtTheEnd)));
        can.rename = true;
        assert!(matches!(appears("sftp", can), Ok(Appears::ByMove)));
        assert!(matches!(appears("fs", can), Ok(Appears::ByRename)));
        can.list = false;
        assert!(appears("s3", can).is_err());
    }
}
