use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::peer::is_loopback;
use crate::settings::Limits;

/// How many connections are held at once, of which some are for this machine alone.
#[derive(Debug)]
pub(super) struct Slots {
    all: Arc<Semaphore>,
    /// Those that may be taken from elsewhere.
    remote: Arc<Semaphore>,
}

/// The place of a connection; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Slot(#[expect(dead_code, reason = "held")] Vec<OwnedSemaphorePermit>);

impl Slots {
    pub(super) fn new(limits: &Limits) -> Self {
        let remote = limits.connections.saturating_sub(limits.kept_for_loopback);
        Self {
            all: Arc::new(Semaphore::new(limits.connections)),
            remote: Arc::new(Semaphore::new(remote)),
        }
    }

    /// A place for a connection from `address`, if there is one.
    pub(super) fn take(&self, address: IpAddr) -> Option<Slot> {
        let mut permits = vec![self.all.clone().try_acquire_owned().ok()?];
        if !is_loopback(address) {
            permits.push(self.remote.clone().try_acquire_owned().ok()?);
        }
        Some(Slot(permits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Whoever opens connections and says nothing could keep etcd-wrapper from asking whether etcd may start.
    #[test]
    fn some_places_are_for_this_machine() {
        let limits = Limits {
            connections: 5,
            kept_for_loopback: 2,
            ..Limits::default()
        };
        let slots = Slots::new(&limits);
        let remote: Vec<_> = (0..9)
            .map_while(|_| slots.take(address("10.0.0.9")))
            .collect();
        assert_eq!(remote.len(), 3);
        let local: Vec<_> = (0..9)
            .map_while(|_| slots.take(address("127.0.0.1")))
            .collect();
        assert_eq!(local.len(), 2);
        drop(remote);
        assert!(slots.take(address("::ffff:10.0.0.9")).is_some());
        drop(local);
        // This machine may have all of them.
        let local: Vec<_> = (0..9).map_while(|_| slots.take(address("::1"))).collect();
        assert_eq!(local.len(), 5);
        assert!(slots.take(address("10.0.0.9")).is_none());
    }
}
