/// Why a cluster has no member to spare.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unhealthy {
    /// A member does not answer.
    #[error("{member} does not answer: {why}")]
    Silent {
        /// Its name, or its id.
        member: String,
        /// What was tried.
        why: String,
    },
    /// A member has not started yet.
    #[error("the member {0} has not started yet")]
    NotStarted(String),
    /// None or several members say that they lead.
    #[error("{}", leaders(*.0))]
    Leaders(usize),
    /// A member is far behind.
    #[error("{member} is {entries} entries of the log behind the others")]
    Behind {
        /// Its name.
        member: String,
        /// How many.
        entries: u64,
    },
    /// Members hold different keys.
    #[error("the alarm CORRUPT is raised for the member {0}: compare the members first")]
    Corrupt(String),
    /// It is not known which alarms are raised.
    #[error("whether alarms are raised is not known: {0}")]
    Alarms(String),
}

fn leaders(count: usize) -> String {
    match count {
        0 => "no member says that it leads".to_owned(),
        count => format!("{count} members say that they lead"),
    }
}
