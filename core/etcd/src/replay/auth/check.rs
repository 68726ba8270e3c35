//! Whether a request is let through when it is applied (server/etcdserver/apply_auth.go).

use super::super::answer::Reason;
use super::super::kv_request::{Compare, DeleteRange, Keys, Op, Put, Txn};
use super::super::lessor::Lessor;
use super::super::request::Header;
use super::AuthStore;
use super::permissions::Access;

/// How closely an etcd looks. They differ in what no ordinary client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::replay) enum Rules {
    /// 3.4.23 and 3.5.1: in transactions neither the leases of puts nor what is nested; and root
    /// too must come with the newest auth revision to use a lease that has keys.
    Oldest,
    /// 3.5.27: the same, but for root.
    TopOnly,
    /// Later ones look at all that is applied, which reads at the top of a transaction are not
    /// when an etcd starts.
    Applied,
    /// 3.7 looks at these too.
    All,
}

impl Rules {
    /// Whether what is nested in a transaction is not looked at.
    pub(in crate::replay) fn pass_over_nested(self) -> bool {
        matches!(self, Self::Oldest | Self::TopOnly)
    }
}

/// Who asks, and under which rules.
#[derive(Debug, Clone, Copy)]
pub(in crate::replay) struct Subject<'a> {
    pub(in crate::replay) header: Header<'a>,
    pub(in crate::replay) rules: Rules,
}

impl AuthStore {
    /// Whether a change of users or roles is let through.
    pub(in crate::replay) fn admits_admin(&self, header: &Header<'_>) -> bool {
        !self.enabled || self.user(header).is_some_and(Self::is_root)
    }

    pub(in crate::replay) fn admits_put(
        &self,
        subject: &Subject<'_>,
        put: &Put<'_>,
        lessor: &Lessor,
    ) -> Result<bool, Reason> {
        let one = Keys {
            key: put.key,
            end: &[],
        };
        Ok(self.may(&subject.header, one, Access::Write)
            && self.admits_lease(subject, put.lease, lessor)?
            && (!put.prev_kv || self.may(&subject.header, one, Access::Read)))
    }

    pub(in crate::replay) fn admits_delete(
        &self,
        subject: &Subject<'_>,
        delete: &DeleteRange<'_>,
    ) -> bool {
        self.may(&subject.header, delete.keys, Access::Write)
            && (!delete.prev_kv || self.may(&subject.header, delete.keys, Access::Read))
    }

    pub(in crate::replay) fn admits_txn(
        &self,
        subject: &Subject<'_>,
        txn: &Txn<'_>,
        lessor: &Lessor,
    ) -> Result<bool, Reason> {
        let top = match subject.rules {
            Rules::Oldest | Rules::TopOnly | Rules::Applied => Reads::PassedOver,
            Rules::All => Reads::Checked,
        };
        self.admits_branches(subject, txn, lessor, top)
    }

    /// Whoever uses a lease, or ends it, must be allowed to write all keys that hang on it.
    pub(in crate::replay) fn admits_lease(
        &self,
        subject: &Subject<'_>,
        lease: i64,
        lessor: &Lessor,
    ) -> Result<bool, Reason> {
        if !self.enabled || lease == 0 || !lessor.has(lease)? {
            return Ok(true);
        }
        if subject.rules != Rules::Oldest && self.admits_admin(&subject.header) {
            return Ok(true);
        }
        let mut keys = lessor.keys(lease);
        Ok(keys.all(|key| self.may(&subject.header, Keys { key, end: &[] }, Access::Write)))
    }

    fn admits_branches(
        &self,
        subject: &Subject<'_>,
        txn: &Txn<'_>,
        lessor: &Lessor,
        reads: Reads,
    ) -> Result<bool, Reason> {
        let compared =
            |compare: &Compare<'_>| self.may(&subject.header, compare.keys, Access::Read);
        if !txn.compare.iter().all(compared) {
            return Ok(false);
        }
        for op in txn.success.iter().chain(&txn.failure) {
            let admitted = match op {
                Op::Range(_) if reads == Reads::PassedOver => true,
                Op::Range(range) => self.may(&subject.header, range.keys, Access::Read),
                Op::Put(put) if subject.rules.pass_over_nested() => {
                    let one = Keys {
                        key: put.key,
                        end: &[],
                    };
                    self.may(&subject.header, one, Access::Write)
                }
                Op::Put(put) => self.admits_put(subject, put, lessor)?,
                Op::DeleteRange(delete) => self.admits_delete(subject, delete),
                Op::Txn(_) if subject.rules.pass_over_nested() => true,
                Op::Txn(txn) => self.admits_branches(subject, txn, lessor, Reads::Checked)?,
                Op::Nothing => true,
            };
            if !admitted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn may(&self, header: &Header<'_>, keys: Keys<'_>, access: Access) -> bool {
        if !self.enabled {
            return true;
        }
        // 0 comes with no user; an older one may rest on permissions that are gone.
        if header.auth_revision == 0 || header.auth_revision < self.revision {
            return false;
        }
        self.user(header)
            .is_some_and(|user| Self::is_root(user) || self.permits(user, keys, access))
    }
}

/// Whether reads at this level of a transaction are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    Checked,
    PassedOver,
}
