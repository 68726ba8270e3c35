use std::process::Command;

use anyhow::Result;

use super::install::{Software, Source, fetch};

/// Alibaba Cloud's own Python client of OSS, by which an emulator of OSS is held to what its vendor
/// means.
const OSS2: Software = Software {
    name: "oss2",
    version: "2.19.1",
    source: Source::Pip {
        package: "oss2",
        requirements: include_str!("../../emulators/oss2/requirements.txt"),
    },
};

/// A Python that can import it; brought into the cache if need be.
pub fn oss2() -> Result<Command> {
    let (_, installed) = fetch(OSS2)?;
    installed.python()
}
