//! When what failed is tried again.

use std::time::Duration;

/// Whether trying again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It may.
    Passing,
    /// Somebody has to change something first: grant a right, correct a configuration.
    Lasting,
}

/// How long is waited after failures that follow each other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Again {
    lasting: u32,
}

impl Again {
    /// After one more: `first`, and twice as long each time while nothing changes, up to `longest`.
    pub fn after(&mut self, failure: Failure, first: Duration, longest: Duration) -> Duration {
        self.lasting = match failure {
            Failure::Passing => 0,
            Failure::Lasting => self.lasting.saturating_add(1),
        };
        let doubled = 2_u32.saturating_pow(self.lasting.saturating_sub(1));
        first.saturating_mul(doubled).min(longest.max(first))
    }

    /// It has come about.
    pub fn succeeded(&mut self) {
        self.lasting = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A full that etcd refused to a user without the role was asked for every two seconds, for ever.
    #[test]
    fn what_is_refused_is_asked_for_more_and_more_seldom() {
        let mut again = Again::default();
        let [first, longest] = [2, 60].map(Duration::from_secs);
        let mut wait = |failure| again.after(failure, first, longest).as_secs();
        let waits: Vec<u64> = (0..7).map(|_| wait(Failure::Lasting)).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait(Failure::Passing), 2);
        assert_eq!(wait(Failure::Lasting), 2);
        for _ in 0..100 {
            assert!(wait(Failure::Lasting) <= 60);
        }
        again.succeeded();
        assert_eq!(again.after(Failure::Lasting, first, longest), first);
    }
}
