use std::path::{Component, Path, PathBuf};

use snapstore::{Error, ErrorKind, Result, StoreConfig};

/// The container when none is named, as in the reference.
const DEFAULT_CONTAINER: &str = "default.bkp";

/// The directory that the keys are put under.
///
/// A relative container stands under the home directory, as in the reference. An absolute one is
/// taken as it is written, where the reference would join it to the home directory too; so that a
/// volume laid out by the reference is still found, that joined path is used when only it exists.
pub(crate) fn root(config: &StoreConfig) -> Result<PathBuf> {
    let container = match config.container.as_str() {
        "" => DEFAULT_CONTAINER,
        name => name,
    };
    let prefix = config.prefix.trim_matches('/');
    let bucket = if Path::new(container).is_absolute() {
        absolute(container, config.home.as_deref())
    } else {
        refuse_climbing(container)?;
        home(config)?.join(container)
    };
    refuse_climbing(prefix)?;
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

    #[test]
    fn a_container_cannot_climb() {
        assert!(root(&config("../x", "", Path::new("/home/u"))).is_err());
        assert!(root(&config("x", "../../y", Path::new("/home/u"))).is_err());
        assert!(root(&config("/a", "../../y", Path::new("/home/u"))).is_err());
        let written_out = root(&config("/a/../b", "", Path::new("/home/u"))).unwrap();
        assert_eq!(written_out, Path::new("/a/../b"));
    }
}
