use client::Status;

/// An etcd as the status page shows it.
pub(super) fn member_view(status: &Status) -> page::Member {
    page::Member {
        id: format!("{:x}", status.header.member_id),
        cluster: format!("{:x}", status.header.cluster_id),
        version: snapstore::printable(&status.version),
        is_learner: status.learner,
        db_bytes: status.db_size,
        db_bytes_in_use: status.db_size_in_use,
        quota: status.db_size_quota,
        alarms: status.errors.clone(),
    }
}
