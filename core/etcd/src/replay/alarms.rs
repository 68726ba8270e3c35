use std::collections::BTreeSet;

use crate::store_state::AlarmMember;

use super::request::AlarmRequest;

/// The backend has grown to its quota.
const NO_SPACE: i32 = 1;
/// Members hold different data.
const CORRUPT: i32 = 2;

const RAISE: i32 = 1;
const DISARM: i32 = 2;

/// Raised alarms, and what etcd refuses because of them.
#[derive(Debug, Clone)]
pub(super) struct Alarms {
    raised: BTreeSet<(i32, u64)>,
    until_3_5: Guard,
}

/// Which requests are refused, whoever makes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guard {
    /// Whether users are checked.
    pub(super) users: bool,
    /// Whether nothing may grow.
    pub(super) capped: bool,
    /// Whether no key may be read or written.
    pub(super) corrupt: bool,
}

impl Alarms {
    pub(super) fn of(raised: impl IntoIterator<Item = AlarmMember>) -> Self {
        let raised = raised
            .into_iter()
            .map(|raised| (raised.alarm, raised.member));
        let mut alarms = Self {
            raised: raised.collect(),
            until_3_5: Guard::NONE,
        };
        alarms.until_3_5 = alarms.since_3_6();
        alarms
    }

    pub(super) fn raised(&self) -> impl Iterator<Item = AlarmMember> + '_ {
        self.raised
            .iter()
            .map(|&(alarm, member)| AlarmMember { member, alarm })
    }

    pub(super) fn apply(&mut self, request: &AlarmRequest) {
        let AlarmRequest {
            action,
            member,
            alarm,
        } = *request;
        let before = self.count(alarm);
        match action {
            RAISE if alarm != 0 => {
                self.raised.insert((alarm, member));
                if before == 0 {
                    // apply.go of 3.5: the new guard goes around the bare backend, so it takes
                    // the place of the check of users and of the other alarm's guard.
                    self.until_3_5 = Guard {
                        users: false,
                        capped: alarm == NO_SPACE,
                        corrupt: alarm == CORRUPT,
                    };
                }
            }
            DISARM => {
                let was_raised = self.raised.remove(&(alarm, member));
                if was_raised && self.count(alarm) == 0 {
                    self.until_3_5 = Guard::NONE;
                }
            }
            _ => {}
        }
    }

    /// What etcd up to 3.5 refuses.
    pub(super) fn until_3_5(&self) -> Guard {
        self.until_3_5
    }

    /// What etcd since 3.6 refuses.
    pub(super) fn since_3_6(&self) -> Guard {
        Guard {
            users: true,
            capped: self.count(NO_SPACE) > 0,
            corrupt: self.count(CORRUPT) > 0,
        }
    }

    fn count(&self, alarm: i32) -> usize {
        self.raised.range((alarm, 0)..=(alarm, u64::MAX)).count()
    }
}

impl Guard {
    const NONE: Self = Self {
        users: true,
        capped: false,
        corrupt: false,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(action: i32, alarm: i32) -> AlarmRequest {
        AlarmRequest {
            action,
            member: 7,
            alarm,
        }
    }

    /// etcd 3.5 forgets one alarm's guard when the other is raised or disarmed; at its next start
    /// it has both.
    #[test]
    fn two_alarms_are_guarded_differently_by_3_5_and_3_6() {
        let mut alarms = Alarms::of([]);
        alarms.apply(&request(RAISE, NO_SPACE));
        assert!(alarms.until_3_5().capped && !alarms.until_3_5().users);
        alarms.apply(&request(RAISE, CORRUPT));
        assert!(!alarms.until_3_5().capped && alarms.since_3_6().capped);
        let restarted = Alarms::of(alarms.raised());
        assert_eq!(restarted.until_3_5(), restarted.since_3_6());
        alarms.apply(&request(DISARM, NO_SPACE));
        assert!(!alarms.until_3_5().corrupt && alarms.since_3_6().corrupt);
        alarms.apply(&request(DISARM, CORRUPT));
        assert_eq!(alarms.until_3_5(), alarms.since_3_6());
    }
}
