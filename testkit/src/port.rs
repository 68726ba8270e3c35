use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

/// Below the ports that the kernel gives to outgoing connections: between this look and the
/// listening of a server, no client of another test can take one.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A port of the loopback that nobody listens on now.
pub(crate) fn free() -> Result<u16> {
    for _ in 0..200 {
        let port = fastrand::u16(RANGE);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port between {} and {}", RANGE.start, RANGE.end);
}
