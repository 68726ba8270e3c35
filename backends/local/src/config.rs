//! What the operator has said of the store.

use std::path::{Component, Path, PathBuf};

use snapstore::{Error, ErrorKind, Result, StoreConfig, prefix};

/// The container when none is named, as in the reference.
const DEFAULT_CONTAINER: &str = "default.bkp";

/// What the operator has said of the store, read once when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The directory that the keys are put under.
    pub(crate) root: PathBuf,
}

impl Settings {
    /// Errors: `Config`.
    pub(crate) fn new(config: &StoreConfig) -> Result<Self> {
        if config.endpoint()?.is_some() {
            // Not an error: a chart may set it for every provider, as the reference lets it.
            tracing::warn!("the provider Local is a directory: the endpoint override is not used");
        }
        let root = root(config)?;
        Ok(Self { root })
    }
}

/// The directory that the keys are put under.
///
/// A relative container stands under the home directory, as in the reference. An absolute one is
/// taken as it is written, where the reference would join it to the home directory too; so that a
/// volume laid out by the reference is still found, that joined path is used when only it exists.
/// A relative one that is only in the working directory is used there, and said.
///
/// A slash at the beginning of the prefix has no meaning in a path, nor has it in the reference.
fn root(config: &StoreConfig) -> Result<PathBuf> {
    let container = match config.container.as_str() {
        "" => DEFAULT_CONTAINER,
        name => name,
    };
    if container.contains("://") {
        let message = "--store-container is the path of a directory for the provider Local, not an \
                       address: write the path alone, or name the --storage-provider that is meant";
        return Err(Error::new(ErrorKind::Config, "open", message));
    }
    let prefix = prefix::cleaned(&config.prefix)?;
    let prefix = prefix.trim_start_matches('/');
    let bucket = if Path::new(container).is_absolute() {
        absolute(container, config.home.as_deref())
    } else {
        refuse_climbing(container)?;
        relative(container, config)?
    };
    Ok(if prefix.is_empty() {
        bucket
    } else {
        bucket.join(prefix)
    })
}

/// What stands under another directory stays there.
fn refuse_climbing(path: &str) -> Result<()> {
    if Path::new(path)
        .components()
        .any(|part| part == Component::ParentDir)
    {
        let message = format!("{path:?} has '..' in it; write the path out");
        return Err(Error::new(ErrorKind::Config, "open", message));
    }
    Ok(())
}

fn absolute(container: &str, home: Option<&Path>) -> PathBuf {
    let as_written = PathBuf::from(container);
    let under_home = home.map(|home| home.join(container.trim_start_matches('/')));
    match under_home {
        Some(under_home) if !as_written.exists() && under_home.exists() => under_home,
        _ => as_written,
    }
}

/// Under the home directory; in the working directory if it is only there.
fn relative(container: &str, config: &StoreConfig) -> Result<PathBuf> {
    let under_home = home(config).map(|home| home.join(container));
    if under_home.as_ref().is_ok_and(|path| path.exists()) || config.container.is_empty() {
        return under_home;
    }
    let working = config.working_directory.as_deref();
    match working.map(|dir| dir.join(container)) {
        Some(here) if here.is_dir() => {
            let (here_shown, home_shown) = (here.display(), config.home.as_deref());
            let home_shown = home_shown.unwrap_or(Path::new("$HOME")).display();
            tracing::warn!(
                "--store-container {container:?} is not under {home_shown}, where relative paths \
                 begin: {here_shown} of the working directory is used; write it out to say so"
            );
            Ok(here)
        }
        _ => under_home,
    }
}

fn home(config: &StoreConfig) -> Result<&Path> {
    config.home.as_deref().ok_or_else(|| {
        let message = "the container is a relative path and HOME is not set; \
                       set HOME or give --store-container as an absolute path";
        Error::new(ErrorKind::Config, "open", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(container: &str, prefix: &str, home: &Path) -> StoreConfig {
        StoreConfig {
            container: container.into(),
            prefix: prefix.into(),
            home: Some(home.into()),
            ..StoreConfig::default()
        }
    }

    #[test]
    fn relative_containers_stand_under_home() {
        let home = Path::new("/home/nonroot");
        assert_eq!(
            root(&config("", "", home)).unwrap(),
            home.join("default.bkp")
        );
        assert_eq!(
            root(&config("b", "etcd/main", home)).unwrap(),
            home.join("b/etcd/main")
        );
    }

    /// The reference joins an absolute container to HOME: `--store-container /backups` was
    /// looked for in `$HOME/backups` and reported as empty.
    #[test]
    fn an_absolute_container_is_taken_as_written() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(
            root(&config("/no/such", "", home.path())).unwrap(),
            Path::new("/no/such")
        );
    }

    #[test]
    fn a_volume_laid_out_by_the_reference_is_still_found() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("no/such")).unwrap();
        let found = root(&config("/no/such", "p", home.path())).unwrap();
        assert_eq!(found, home.path().join("no/such/p"));
    }

    /// The reference takes `./a`, `a//b` and `/a` with Go's `path.Join`; `a//b` was another
    /// directory's name here only by the grace of the system, and `x/../a` was refused.
    #[test]
    fn a_prefix_is_found_in_every_spelling() {
        let home = Path::new("/home/nonroot");
        for written in ["etcd/main", "/etcd/main", "./etcd//main/", "x/../etcd/main"] {
            let found = root(&config("b", written, home)).unwrap();
            assert_eq!(found, home.join("b/etcd/main"), "{written:?}");
        }
        assert_eq!(root(&config("b", "/", home)).unwrap(), home.join("b"));
    }

    /// `--store-container backups` beside a directory `backups` was looked for in `$HOME` alone,
    /// and `initialize` found no backups.
    #[test]
    fn a_relative_container_of_the_working_directory_is_used_if_it_is_only_there() {
        let (home, working) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut config = config("b", "p", home.path());
        config.working_directory = Some(working.path().into());
        assert_eq!(
            root(&config).unwrap(),
            home.path().join("b/p"),
            "in neither"
        );
        std::fs::create_dir(working.path().join("b")).unwrap();
        assert_eq!(root(&config).unwrap(), working.path().join("b/p"));
        config.home = None;
        assert_eq!(
            root(&config).unwrap(),
            working.path().join("b/p"),
            "no HOME"
        );
        config.home = Some(home.path().into());
        std::fs::create_dir(home.path().join("b")).unwrap();
        assert_eq!(root(&config).unwrap(), home.path().join("b/p"), "in both");
    }

    /// `file:///var/backups` was a directory of that name under `$HOME`, and empty.
    #[test]
    fn an_address_is_no_directory() {
        for address in ["file:///var/backups", "s3://backups"] {
            let error = root(&config(address, "", Path::new("/home/u"))).unwrap_err();
            assert!(error.to_string().contains("the path alone"), "{error}");
        }
    }

    #[test]
    fn a_container_cannot_climb() {
        assert!(root(&config("../x", "", Path::new("/home/u"))).is_err());
        assert!(root(&config("x", "../../y", Path::new("/home/u"))).is_err());
        assert!(root(&config("/a", "../../y", Path::new("/home/u"))).is_err());
        let written_out = root(&config("/a/../b", "", Path::new("/home/u"))).unwrap();
        assert_eq!(written_out, Path::new("/a/../b"));
    }
}
