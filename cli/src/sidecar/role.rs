//! What an etcd is for its cluster, by what it says of itself. Pure.

use client::Status;

/// What the etcd beside this sidecar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It leads.
    Leads,
    /// This member leads.
    Follows(u64),
    /// It knows of no leader, or does not answer.
    Unknown,
}

/// What `status` says; `None` where there was no answer in time.
pub(super) fn standing(status: Option<&Status>) -> Standing {
    let Some(status) = status else {
        return Standing::Unknown;
    };
    match status.leader {
        // A learner never leads, whatever it believes.
        Some(leader) if leader == status.header.member_id && !status.learner => Standing::Leads,
        Some(leader) if leader != status.header.member_id => Standing::Follows(leader),
        _ => Standing::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::Header;

    /// Every combination of who answers, who leads and who learns.
    #[test]
    fn only_a_voter_that_knows_itself_to_lead_leads() {
        let status = |leader, learner| Status {
            header: Header {
                member_id: 7,
                ..Header::default()
            },
            leader,
            learner,
            ..Status::default()
        };
        for (leader, learner, expected) in [
            (None, false, Standing::Unknown),
            (None, true, Standing::Unknown),
            (Some(7), false, Standing::Leads),
            (Some(7), true, Standing::Unknown),
            (Some(8), false, Standing::Follows(8)),
            (Some(8), true, Standing::Follows(8)),
        ] {
            assert_eq!(standing(Some(&status(leader, learner))), expected);
        }
        assert_eq!(standing(None), Standing::Unknown);
    }
}
