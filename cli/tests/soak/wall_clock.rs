//! The time of day, as the sidecars see it.

use std::fs;
use std::path::PathBuf;

use testkit::oracles;

use crate::pod::Pod;
use crate::support::Site;

/// What all sidecars go by. Time that passes is measured as ever.
pub(crate) struct WallClock {
    file: PathBuf,
}

impl WallClock {
    /// That of the machine, for now.
    pub(crate) fn new(site: &Site) -> Self {
        let file = site.path().join("clock");
        fs::write(&file, "+0").unwrap();
        Self { file }
    }

    /// From its next start on, a sidecar goes by it.
    pub(crate) fn give(&self, pod: &mut Pod) {
        let library = oracles::faketime().unwrap();
        pod.environment.extend([
            ("LD_PRELOAD", library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]);
    }

    /// An hour less from now on.
    pub(crate) fn goes_back(&self) {
        fs::write(&self.file, "-3600").unwrap();
    }

    pub(crate) fn is_right_again(&self) {
        fs::write(&self.file, "+0").unwrap();
    }
}
