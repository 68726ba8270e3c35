//! Who leads, as soon as it is known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::select;
use snapstore::clock::Clock;
use tokio::sync::watch;

use crate::ports::Role;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// This sidecar takes the backups.
    Here,
    /// The etcd at this client URL leads.
    At(String),
    /// It was not known in time.
    Nobody,
}

/// Waits until it is known who leads, no longer than `until`: while members elect, nobody does.
pub(super) async fn known(
    mut role: watch::Receiver<Role>,
    clock: &Arc<dyn Clock>,
    until: Instant,
) -> Known {
    loop {
        let now = role.borrow_and_update().clone();
        match now {
            Role::Leader => return Known::Here,
            Role::Follower { leader } => return Known::At(leader),
            Role::Unknown => {}
        }
        let left = until.saturating_duration_since(clock.now());
        if !changed(&mut role, clock, left).await {
            return Known::Nobody;
        }
    }
}

/// Waits for so long, or less when somebody else leads.
pub(super) async fn pause(
    mut role: watch::Receiver<Role>,
    clock: &Arc<dyn Clock>,
    longest: Duration,
) {
    role.mark_unchanged();
    changed(&mut role, clock, longest).await;
}

/// Whether it changes within `left`.
async fn changed(role: &mut watch::Receiver<Role>, clock: &Arc<dyn Clock>, left: Duration) -> bool {
    if left.is_zero() {
        return false;
    }
    let changed = std::pin::pin!(role.changed());
    let over = clock.sleep(left);
    match select(changed, over).await {
        futures::future::Either::Left((changed, _)) => changed.is_ok(),
        futures::future::Either::Right(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore::clock::SystemClock;

    fn clock() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    fn follower() -> Role {
        Role::Follower {
            leader: "https://etcd-1:2379".to_owned(),
        }
    }

    /// A 405 during an election made etcd-druid fail the task of an operator for good.
    #[tokio::test(start_paused = true)]
    async fn an_election_is_waited_for() {
        let (tell, role) = watch::channel(Role::Unknown);
        let clock = clock();
        let until = clock.now() + Duration::from_secs(15);
        let asking = tokio::spawn(async move { known(role, &clock, until).await });
        tokio::task::yield_now().await;
        tell.send(Role::Unknown).unwrap();
        tokio::task::yield_now().await;
        tell.send(follower()).unwrap();
        assert_eq!(
            asking.await.unwrap(),
            Known::At("https://etcd-1:2379".to_owned())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_not_waited_for_without_end() {
        let (tell, role) = watch::channel(Role::Unknown);
        let clock = clock();
        let began = clock.now();
        let until = began + Duration::from_secs(15);
        assert_eq!(known(role, &clock, until).await, Known::Nobody);
        assert_eq!(clock.now() - began, Duration::from_secs(15));
        drop(tell);
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_will_tell_is_not_waited_for() {
        let (tell, role) = watch::channel(Role::Unknown);
        drop(tell);
        let clock = clock();
        let began = clock.now();
        let until = began + Duration::from_secs(15);
        assert_eq!(known(role, &clock, until).await, Known::Nobody);
        assert_eq!(clock.now(), began);
    }
}
