//! Ports of the loopback for servers that tests start.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

/// Below the ports that the kernel gives to outgoing connections: between this look and the
/// listening of a server, no client of another test can take one.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// What this process has taken. A lock goes with the process, however it ends.
static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port of the loopback that nobody listens on now, and that no other test takes as long as this process
/// lives: a server that is killed and started again finds it free. (One that was not kept was given to another
/// test program meanwhile, and the etcd ended with "address already in use".)
pub fn free() -> Result<u16> {
    let dir = std::env::temp_dir().join("etcdbr-ports");
    fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    for _ in 0..200 {
        let port = fastrand::u16(RANGE);
        let path = dir.join(port.to_string());
        let lock = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        if lock.try_lock().is_err() || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
            continue;
        }
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push(lock);
        return Ok(port);
    }
    bail!("no free port between {} and {}", RANGE.start, RANGE.end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_port_is_given_once() {
        let ports: Vec<u16> = (0..300).map(|_| free().unwrap()).collect();
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), ports.len());
    }
}
