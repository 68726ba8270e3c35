use std::collections::BTreeSet;

use crate::store_state::AlarmMember;

use super::kind::AlarmRequest;

/// The backend has grown to its quota.
const NO_SPACE: i32 = 1;
/// Members hold different data.
const CORRUPT: i32 = 2;

pub(super) const RAISE: i32 = 1;
pub(super) const DISARM: i32 = 2;

/// Raised alarms, and what etcd refuses because of them.
#[derive(Debug, Clone)]
pub(super) struct Alarms {
    raised: BTreeSet<(i32, u64)>,
    until_3_5: Vec<Guard>,
}

/// Where a replay begins: what etcd keeps in memory alone is known only of one that starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// At the start of an etcd.
    Start,
    /// In the middle of the life of one.
    Midway,
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
    pub(super) fn of(raised: impl IntoIterator<Item = AlarmMember>, origin: Origin) -> Self {
        let raised = raised
            .into_iter()
            .map(|raised| (raised.alarm, raised.member));
        let mut alarms = Self {
            raised: raised.collect(),
            until_3_5: Vec::new(),
        };
        alarms.until_3_5.push(alarms.since_3_6());
        if origin == Origin::Midway && !alarms.raised.is_empty() {
            // Depending on which was raised or disarmed last.
            let after = [0, NO_SPACE, CORRUPT].into_iter();
            let after = after.filter(|alarm| *alarm == 0 || alarms.count(*alarm) > 0);
            let guards: Vec<Guard> = after.map(Guard::after).collect();
            alarms.until_3_5.extend(guards);
        }
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
                    self.until_3_5 = vec![Guard::after(alarm)];
                }
            }
            DISARM => {
                let was_raised = self.raised.remove(&(alarm, member));
                if was_raised && self.count(alarm) == 0 {
                    self.until_3_5 = vec![Guard::NONE];
                }
            }
            _ => {}
        }
    }

    /// What etcd up to 3.5 refuses; several when that is not certain.
    pub(super) fn until_3_5(&self) -> &[Guard] {
        &self.until_3_5
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

    /// In etcd up to 3.5 the guard of an alarm that is raised goes around the bare backend, so it
    /// takes the place of the check of users and of the other alarm's guard (apply.go, `Alarm`).
    /// 0 for one that was disarmed.
    fn after(alarm: i32) -> Self {
        Self {
            users: alarm == 0,
            capped: alarm == NO_SPACE,
            corrupt: alarm == CORRUPT,
        }
    }
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
        let mut alarms = Alarms::of([], Origin::Start);
        alarms.apply(&request(RAISE, NO_SPACE));
        assert!(alarms.until_3_5()[0].capped && !alarms.until_3_5()[0].users);
        alarms.apply(&request(RAISE, CORRUPT));
        assert!(!alarms.until_3_5()[0].capped && alarms.since_3_6().capped);
        let restarted = Alarms::of(alarms.raised(), Origin::Start);
        assert_eq!(restarted.until_3_5(), [restarted.since_3_6()]);
        // Of one that goes on nobody knows which it was.
        let midway = Alarms::of(alarms.raised(), Origin::Midway);
        assert!(midway.until_3_5().contains(&alarms.until_3_5()[0]));
        alarms.apply(&request(DISARM, NO_SPACE));
        assert!(!alarms.until_3_5()[0].corrupt && alarms.since_3_6().corrupt);
        let midway = Alarms::of(alarms.raised(), Origin::Midway);
        assert!(midway.until_3_5().contains(&alarms.until_3_5()[0]));
        alarms.apply(&request(DISARM, CORRUPT));
        assert_eq!(alarms.until_3_5(), [alarms.since_3_6()]);
    }
}
