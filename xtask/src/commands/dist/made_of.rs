use std::path::PathBuf;

/// What is made, and of what.
pub(super) struct Dist {
    /// Of the workspace.
    pub(super) version: String,
    pub(super) root: PathBuf,
    pub(super) to: PathBuf,
    pub(super) program: PathBuf,
}

impl Dist {
    /// `etcdbrctl-1.2.3-linux-x86_64.tar.gz`, for this ending.
    pub(super) fn named(&self, ending: &str) -> PathBuf {
        let (version, machine) = (&self.version, std::env::consts::ARCH);
        self.to
            .join(format!("etcdbrctl-{version}-linux-{machine}{ending}"))
    }
}
