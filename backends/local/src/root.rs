//! Which directory a container and a prefix name.

use std::path::{Component, Path, PathBuf};

use snapstore::{Error, ErrorKind, Result, StoreConfig, prefix};

/// The container when none is named, as in the reference.
const DEFAULT_CONTAINER: &str = "default.bkp";

/// The directory that the keys are put under.
///
/// A relative container stands under the home directory, as in the reference; one that begins with `./` or
/// `../` in the working directory, as for any other program. An absolute one is taken as it is written, where
/// the reference would join it to the home directory too. Each may also be where the other rule looks for
/// it: what is only there is used, and what is in both places is said, since one may hold other backups. Where a
/// relative one is in neither place, both are said.
///
/// A slash at the beginning of the prefix has no meaning in a path, nor has it in the reference.
pub(crate) fn root(config: &StoreConfig) -> Result<PathBuf> {
    let container = config.container.as_str();
    if container.contains("://") {
        return Err(refused(format!(
            "{} is the path of a directory for the provider Local, not an address: write the path alone, or name the --{} \
             that is meant",
            flag(config),
            config.environment.option("storage-provider")
        )));
    }
    let prefix = prefix::cleaned(&config.prefix)?;
    let prefix = prefix.trim_start_matches('/');
    let bucket = match container {
        "" => default(config)?,
        _ => candidates(container, config)?.chosen(container, &flag(config)),
    };
    Ok(if prefix.is_empty() {
        bucket
    } else {
        bucket.join(prefix)
    })
}

/// The places that a container may name.
struct Candidates {
    meant: PathBuf,
    other: Option<PathBuf>,
    rule: Rule,
}

/// By which rule a container names a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// It is written out.
    Absolute,
    /// It begins with `./` or `../`.
    Working,
    /// That of the reference.
    Home,
}

impl Rule {
    fn of(container: &Path) -> Self {
        match container.components().next() {
            Some(Component::CurDir | Component::ParentDir) => Self::Working,
            _ if container.is_absolute() => Self::Absolute,
            _ => Self::Home,
        }
    }
}

fn candidates(container: &str, config: &StoreConfig) -> Result<Candidates> {
    let (path, home) = (Path::new(container), config.home.as_deref());
    let rule = Rule::of(path);
    let plain: PathBuf = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    let under_home = home.map(|home| home.join(&plain));
    let here = config.working_directory.as_deref();
    let here = here.map(|working| working.join(&plain));
    match rule {
        Rule::Absolute => Ok(Candidates {
            meant: path.to_owned(),
            other: home.map(|home| home.join(container.trim_start_matches('/'))),
            rule,
        }),
        Rule::Working => {
            let meant = here.ok_or_else(|| {
                refused(format!(
                    "the working directory cannot be told; give {} as an absolute path",
                    flag(config)
                ))
            })?;
            // `.` alone is no directory that somebody has made for backups under the home directory, and what
            // climbs is not under it.
            let is_name = plain != Path::new("") && !climbs(&plain);
            let other = under_home.filter(|_| is_name);
            Ok(Candidates { meant, other, rule })
        }
        Rule::Home if climbs(path) => Err(refused(format!(
            "{path:?} has '..' in it, which would leave the home directory: write the path out, or begin it with \
             ./ if it is in the working directory"
        ))),
        Rule::Home => match (under_home, here) {
            (Some(meant), other) => Ok(Candidates { meant, other, rule }),
            // It has to be there: nothing says that it was meant.
            (None, Some(meant)) if meant.is_dir() => Ok(Candidates {
                meant,
                other: None,
                rule,
            }),
            (None, _) => Err(refused(format!(
                "the container is a relative path and HOME is not set; set HOME or give {} as an absolute path",
                flag(config)
            ))),
        },
    }
}

/// What stands under the home directory stays there.
fn climbs(path: &Path) -> bool {
    path.components().any(|part| part == Component::ParentDir)
}

impl Candidates {
    fn chosen(self, container: &str, flag: &str) -> PathBuf {
        let Self { meant, other, rule } = self;
        let Some(other) = other.filter(|other| !is_same(&meant, other)) else {
            return meant;
        };
        let (meant_shown, other_shown) = (meant.display(), other.display());
        match (meant.exists(), other.is_dir()) {
            (true, true) => tracing::warn!(
                "{flag} {container:?} is {meant_shown}; there is another one, {other_shown}, which \
                 is not looked at: if that is the one, write its path out"
            ),
            (false, true) => {
                tracing::warn!(
                    "{flag} {container:?} would be {meant_shown}, which is not there: {other_shown} is \
                     used; if that is the one, write its path out"
                );
                return other;
            }
            (false, false) if rule == Rule::Home => tracing::warn!(
                "{flag} {container:?} is {meant_shown}, below the home directory as in \
                 etcd-backup-restore; neither that nor {other_shown} is there: if the latter is meant, write \
                 ./{container}"
            ),
            (_, false) => {}
        }
        meant
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Where the reference looks when it is told nothing.
fn default(config: &StoreConfig) -> Result<PathBuf> {
    let Some(home) = &config.home else {
        return Err(refused(format!("no store is named: give {}", flag(config))));
    };
    let default = home.join(DEFAULT_CONTAINER);
    if !default.exists() {
        let shown = default.display();
        tracing::warn!(
            "no {} is given: {shown} is looked for, as by etcd-backup-restore",
            flag(config)
        );
    }
    Ok(default)
}

/// The one that names the directory, as it is called for this store.
fn flag(config: &StoreConfig) -> String {
    format!("--{}", config.environment.option("store-container"))
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, "open", message)
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

    /// `list ./bk` read the directory of that name, and `gc --store-container ./bk` collected another one, under
    /// `$HOME`: one looked at one store, and deleted in the other.
    #[test]
    fn what_begins_with_a_dot_is_in_the_working_directory() {
        let (home, working) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = |container: &str| {
            let mut config = config(container, "", home.path());
            config.working_directory = Some(working.path().into());
            root(&config)
        };
        assert_eq!(root("./b").unwrap(), working.path().join("b"), "in neither");
        std::fs::create_dir(home.path().join("b")).unwrap();
        assert_eq!(root("./b").unwrap(), home.path().join("b"), "only there");
        std::fs::create_dir(working.path().join("b")).unwrap();
        assert_eq!(root("./b").unwrap(), working.path().join("b"), "in both");
        assert_eq!(root("./").unwrap(), working.path());
        assert_eq!(root(".").unwrap(), working.path());
    }

    /// `list ../b` read a directory that every other command refused, for the `..` in it.
    #[test]
    fn what_begins_with_two_dots_is_in_the_working_directory() {
        let (home, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let working = room.path().join("here");
        for directory in [&room.path().join("b"), &home.path().join("b"), &working] {
            std::fs::create_dir(directory).unwrap();
        }
        for container in ["../b", "./../b", "../here/../b"] {
            let mut config = config(container, "p", &home.path().join("deeper"));
            config.working_directory = Some(working.clone());
            let found = root(&config).unwrap();
            let expected = room.path().join("b").canonicalize().unwrap();
            let bucket = found.parent().unwrap().canonicalize().unwrap();
            assert_eq!(bucket, expected, "{container}");
        }
    }

    /// With HOME empty and no container at all it said "the container is a relative path".
    #[test]
    fn without_a_container_it_is_said_that_none_is_named() {
        let error = root(&StoreConfig::default()).unwrap_err().to_string();
        assert!(error.contains("no store is named"), "{error}");
        assert!(!error.contains("relative"), "{error}");
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
        let climbing = root(&config("x/../../y", "", Path::new("/home/u")));
        let climbing = climbing.unwrap_err().to_string();
        assert!(climbing.contains("leave the home directory"), "{climbing}");
        assert!(
            root(&config("../x", "", Path::new("/home/u"))).is_err(),
            "no working directory"
        );
        assert!(root(&config("x", "../../y", Path::new("/home/u"))).is_err());
        assert!(root(&config("/a", "../../y", Path::new("/home/u"))).is_err());
        let written_out = root(&config("/a/../b", "", Path::new("/home/u"))).unwrap();
        assert_eq!(written_out, Path::new("/a/../b"));
    }
}
