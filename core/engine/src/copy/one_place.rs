use std::path::{Path, PathBuf};

use snapstore::{Location, Snapstore};

use super::error::{Error, Result};

/// Where a store of a directory keeps what is of its snapshots.
const OF_SNAPSHOTS: [&str; 4] = ["v1", "v2", "meta", "fence"];

/// Refuses two stores that are one. A directory cannot be copied into itself, whatever it is called, nor into what a store keeps its snapshots in. Of a bucket
/// the location does not tell on which server it is; its service does, where it copies by itself.
pub fn refuse_one_place(source: &dyn Snapstore, destination: &dyn Snapstore) -> Result<()> {
    let is_one_service = source
        .capabilities()
        .is_one_service(destination.capabilities());
    if is_one_service && source.location() == destination.location() {
        return Err(Error::OnePlace(source.location().to_string()));
    }
    let (Some(from), Some(to)) = (
        directory(source.location()),
        directory(destination.location()),
    ) else {
        return Ok(());
    };
    if from == to {
        return Err(Error::OnePlace(source.location().to_string()));
    }
    let is_within = |inner: &Path, outer: &Path| {
        let mut parts = OF_SNAPSHOTS.iter();
        parts.any(|part| inner.starts_with(outer.join(part)))
    };
    match is_within(&to, &from) || is_within(&from, &to) {
        true => Err(Error::Within {
            source_place: source.location().to_string(),
            destination: destination.location().to_string(),
        }),
        false => Ok(()),
    }
}

/// The directory of a local store, without links and `..`.
fn directory(location: &Location) -> Option<PathBuf> {
    (location.scheme == "file").then(|| {
        let path = Path::new(&location.bucket).join(&location.prefix);
        // It need not be there yet.
        let there = path
            .ancestors()
            .find_map(|above| Some((above, above.canonicalize().ok()?)));
        match there {
            Some((above, real)) => match path.strip_prefix(above) {
                Ok(rest) if rest.as_os_str().is_empty() => real,
                Ok(rest) => real.join(rest),
                Err(_) => path,
            },
            None => path,
        }
    })
}
