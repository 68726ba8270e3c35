//! What shows that a history goes on where its newest event is compacted, as it is minutes later under Kubernetes.
//!
//! Each revision is an entry of the log of raft, and other entries come between them, so that the index runs ahead of the
//! revision, further and further. A restore gives a member a log that begins anew at a revision that does not
//! (`etcdutl snapshot restore` of 3.4 to 3.7, etcd-backup-restore, and ours): there it is behind.

use client::Status;

use crate::backups::metadata::Metadata;

/// Where the log stood when a full was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LogMark {
    pub(super) cluster_id: u64,
    pub(super) term: u64,
    pub(super) index: u64,
    /// The revision of the full.
    pub(super) revision: i64,
}

impl LogMark {
    /// That of a full; `None` where its metadata does not have it.
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        let raft = metadata.raft?;
        let cluster_id = metadata.cluster_id.as_deref()?;
        Some(Self {
            cluster_id: u64::from_str_radix(cluster_id, 16).ok()?,
            term: raft.term,
            index: raft.index,
            revision: metadata.holds?,
        })
    }

    /// Whether the log of a member can be the same, further on.
    pub(super) fn leads_to(&self, member: &Status) -> bool {
        let ahead = |index: u64, revision: i64| i128::from(index) - i128::from(revision);
        let header = &member.header;
        header.cluster_id == self.cluster_id
            && header.raft_term >= self.term
            && header.revision >= self.revision
            // What is committed is applied at once; the revision is read after it.
            && ahead(member.raft_index, header.revision) >= ahead(self.index, self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::Header;

    const MARK: LogMark = LogMark {
        cluster_id: 7,
        term: 4,
        index: 1_200,
        revision: 1_000,
    };

    fn member(index: u64, revision: i64) -> Status {
        Status {
            header: Header {
                cluster_id: 7,
                member_id: 1,
                revision,
                raft_term: 4,
            },
            raft_index: index,
            ..Status::default()
        }
    }

    #[test]
    fn a_log_that_goes_on_leads_there() {
        assert!(MARK.leads_to(&member(1_200, 1_000)));
        assert!(MARK.leads_to(&member(9_300, 9_000)));
    }

    /// Each full after a compaction began a lineage: under Kubernetes each full at all, and no collection deleted any.
    #[test]
    fn a_restored_member_has_a_log_that_begins_anew() {
        // Restored to revision 900 and written to: the index is behind the revision, whatever comes.
        assert!(!MARK.leads_to(&member(5, 900)));
        assert!(!MARK.leads_to(&member(1_300, 2_150)));
        // Or the log is long, and the revision is not.
        assert!(!MARK.leads_to(&member(5_000, 999)));
    }

    #[test]
    fn another_cluster_and_an_earlier_term_are_none() {
        let other = |change: fn(&mut Header)| {
            let mut member = member(9_300, 9_000);
            change(&mut member.header);
            MARK.leads_to(&member)
        };
        assert!(!other(|header| header.cluster_id = 8));
        assert!(!other(|header| header.raft_term = 3));
        assert!(other(|header| header.raft_term = 5));
    }

    #[test]
    fn the_ends_of_the_numbers_do_not_wrap() {
        assert!(!MARK.leads_to(&member(0, i64::MAX)));
        assert!(MARK.leads_to(&member(u64::MAX, i64::MAX)));
    }
}
