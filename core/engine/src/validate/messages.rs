//! What was found, for an operator during an incident.

use std::path::Path;

use etcd::data_dir::WAL;

use super::compare::Backups;
use super::facts::Position;
use super::finding::Finding;
use super::run::Validated;
use crate::backups::branches::Branch;
use crate::descent::Clusters;
use crate::hint::Hint;

impl Validated {
    /// What was found, beside what the backups lead to, in a few sentences.
    pub fn explain(&self, data_dir: &Path) -> String {
        let found = self.beside_backups(data_dir);
        match &self.clusters {
            Some(Clusters { member, backups }) => format!(
                "{found} It is of cluster {member}, and the backups are of cluster {backups}{}: nothing tells that it is \
                 of their lineage.",
                of_lineage(&self.branch)
            ),
            None => found,
        }
    }

    /// What was found, without a word on backups.
    pub(crate) fn explain_alone(&self, data_dir: &Path) -> String {
        self.member(&data_dir.display().to_string())
    }

    fn beside_backups(&self, data_dir: &Path) -> String {
        let member = self.member(&data_dir.display().to_string());
        let members = self.facts.members;
        match &self.finding {
            finding if finding.is_final() => member,
            Finding::Behind { .. } if matches!(self.backups, Backups::Unclear { .. }) => {
                format!("{member} {}", self.led_to())
            }
            Finding::Behind { .. } => match self.branch.second_history() {
                Some(_) if self.is_one_history => format!(
                    "{member} A full that was written later than the newest object holds what the others \
                     lead to: they are of one history, and a clock was ahead."
                ),
                Some(told) => format!("{member} But {told}."),
                None => member,
            },
            Finding::Undecided { .. } => member,
            Finding::Valid if members > 1 => format!(
                "{member} It is one of {members}, and catches up with its leader: it is not compared with \
                 the backups."
            ),
            _ => format!("{member} {}", self.led_to()),
        }
    }

    /// What was found in `dir` alone.
    fn member(&self, dir: &str) -> String {
        match &self.finding {
            Finding::Valid => whole(dir, &self.facts.position),
            Finding::Undecided {
                lower,
                upper,
                newest,
                why,
            } => {
                let upper = match upper {
                    &i64::MAX => String::from("an unknown one"),
                    upper => upper.to_string(),
                };
                format!(
                    "{dir} is whole, but whether it has reached revision {newest}, as its backups \
                 have, is not certain: it stands between {lower} and {upper} ({why})."
                )
            }
            Finding::OfAnother(other) => format!(
                "The volume of {dir} belongs to {other:?}, as the file safe_guard beside it says."
            ),
            Finding::InUse(file) => format!(
                "{dir} is in use: {} holds the lock on {}.",
                crate::lock::holder(file),
                file.display()
            ),
            Finding::Absent => format!("There is no member in {dir}."),
            Finding::Incomplete(missing) => {
                format!("{dir} is damaged: {} is missing.", missing.join(", "))
            }
            Finding::LogNotMounted => format!(
                "{dir} lacks its log: {WAL} is empty beside a database. A volume that is not mounted \
                 looks like that."
            ),
            Finding::Unreadable(why) => format!("{dir} cannot be judged: {why}."),
            Finding::Log(what) | Finding::Database(what) => format!("{dir} is damaged: {what}."),
            Finding::Behind { upper, newest } => format!(
                "{dir} is whole, but an old state: it ends at revision {upper}, and its backups lead \
             to {newest}."
            ),
        }
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        let mut hints = Vec::new();
        if matches!(self.finding, Finding::Undecided { .. }) && self.facts.depends_on_version {
            hints.push(Hint::EtcdVersion);
        }
        if let Some(empty_store) = &self.empty_store {
            hints.extend(empty_store.hints());
        }
        hints
    }

    fn led_to(&self) -> String {
        if let Some(empty_store) = &self.empty_store {
            return empty_store.to_string();
        }
        let told = led_to(&self.backups);
        match self.holdings.branches.len() {
            0 | 1 => told,
            several => format!(
                "{told} They are of {several} lineages, of which {} counts here.",
                self.branch.word()
            ),
        }
    }
}

fn of_lineage(branch: &Branch) -> String {
    branch
        .id()
        .map_or(String::new(), |id| format!(" (lineage {id})"))
}

/// A member that is whole, and where it stands.
fn whole(dir: &str, position: &Position) -> String {
    match position {
        Position::At(at) => format!("{dir} is whole, at revision {at}."),
        Position::AtLeast(at) => format!("{dir} is whole, at revision {at} or later."),
        Position::Between { lower, upper, .. } => {
            format!("{dir} is whole, between revision {lower} and {upper}.")
        }
        Position::Received(index) => format!(
            "{dir} is whole, and its database that of the leader's snapshot at entry {index}."
        ),
        Position::Unknown => format!("{dir} is whole."),
    }
}

fn led_to(backups: &Backups) -> String {
    match backups {
        Backups::Unset => String::from("No store of backups is named."),
        Backups::Empty | Backups::Missing | Backups::Misplaced => {
            String::from("The store holds no backup.")
        }
        Backups::Lead(reach) if reach.named > reach.revision => format!(
            "The backups lead to revision {}; those up to {} follow a gap.",
            reach.revision, reach.named
        ),
        Backups::Lead(reach) => format!("The backups lead to revision {}.", reach.revision),
        Backups::Unclear { why, .. } => {
            format!("It is not known which state of the backups is the newest: {why}.")
        }
        Backups::Nowhere(why) => format!("No state can be restored from the backups: {why}."),
    }
}
