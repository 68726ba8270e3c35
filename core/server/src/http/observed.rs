//! What is known at one moment, and whether that is well: pure.

use super::app::App;
use crate::initialization::{Progress, Word};
use crate::ports::{Backups, EtcdHealth, Role};

#[derive(Debug, Clone)]
pub(super) struct Observed {
    pub(super) role: Role,
    pub(super) etcd: EtcdHealth,
    pub(super) initialization: Progress,
    pub(super) backups: Backups,
}

impl Observed {
    pub(super) fn now(app: &App) -> Self {
        Self {
            role: app.ports.role.borrow().clone(),
            etcd: app.ports.etcd.borrow().clone(),
            initialization: app.initialization.watch().borrow().clone(),
            backups: app.ports.backups.borrow().clone(),
        }
    }

    /// What `/healthz` means in the reference: this sidecar leads, its etcd answers, and nobody works on the data
    /// directory.
    pub(super) fn is_healthy(&self) -> bool {
        self.role == Role::Leader
            && self.etcd == EtcdHealth::Answers
            && self.initialization.state != Word::Progress
    }

    /// Why this sidecar does not do its work; nothing where it does, be it that of a leader or of a follower. Backups
    /// that fail are not among it: etcd would be taken out of service for them.
    pub(super) fn unready(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.initialization.state == Word::Progress {
            reasons.push("the data directory is initialized".to_owned());
        }
        match &self.etcd {
            EtcdHealth::Answers => {}
            EtcdHealth::Unknown => reasons.push("etcd was not asked yet".to_owned()),
            EtcdHealth::Silent { why } => {
                let why = snapstore::printable(why);
                reasons.push(format!("etcd does not answer: {why}"));
            }
        }
        if self.role == Role::Unknown {
            reasons.push("no etcd is known to lead".to_owned());
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination: what is well needs each of its conditions.
    #[test]
    fn nothing_is_well_by_half() {
        let leader = "https://etcd-1:2379".to_owned();
        let silent = EtcdHealth::Silent {
            why: "refused\n".to_owned(),
        };
        for role in [Role::Unknown, Role::Leader, Role::Follower { leader }] {
            for etcd in [EtcdHealth::Unknown, EtcdHealth::Answers, silent.clone()] {
                for state in [Word::New, Word::Progress, Word::Successful, Word::Failed] {
                    let initialization = Progress {
                        state,
                        since: jiff::Timestamp::UNIX_EPOCH,
                        failures: 0,
                        last_error: None,
                        succeeded: 0,
                    };
                    let observed = Observed {
                        role: role.clone(),
                        etcd: etcd.clone(),
                        initialization,
                        backups: Backups::default(),
                    };
                    let works = etcd == EtcdHealth::Answers && state != Word::Progress;
                    assert_eq!(observed.is_healthy(), works && role == Role::Leader);
                    let unready = observed.unready();
                    assert_eq!(unready.is_empty(), works && role != Role::Unknown);
                    assert!(unready.iter().all(|why| !why.contains('\n')), "{unready:?}");
                }
            }
        }
    }
}
