use serde::Serialize;

use crate::backups::branches::Holdings;

/// What a collection did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Where the backups are.
    pub location: String,
    /// Whether nothing was deleted on purpose.
    pub dry_run: bool,
    /// Every snapshot, in the order of revisions, and then metadata without a snapshot.
    pub objects: Vec<Line>,
    /// Snapshots that were deleted, or would be.
    pub deleted: usize,
    /// Their length in bytes.
    pub deleted_bytes: u64,
    /// Snapshots that stay by the policy.
    pub kept: usize,
    /// Objects that should have been deleted and were not, all reasons together.
    pub not_deleted: usize,
    /// Of those, the ones of which the store failed; what it protects is a warning only.
    pub failed: usize,
    /// Uploads that nobody had ended, to which nothing had come for a day: what was left of them was removed.
    pub abandoned_uploads: u64,
    /// What the operator should know.
    pub warnings: Vec<String>,
    /// What the store holds after it, by the listing that was made for it. Not written out: it is all that was listed.
    #[serde(skip)]
    pub held: Holdings,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its key.
    pub key: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether somebody has marked it.
    pub marked: bool,
    /// Why, as a word for programs.
    pub reason: &'static str,
    /// Why, as a sentence for people.
    pub why: String,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It stays.
    Kept,
    /// It would be deleted.
    WouldDelete,
    /// It was deleted.
    Deleted,
    /// The store protects it: the next collection tries again.
    Protected,
    /// The store failed.
    Failed,
    /// It was left, since another object of its chain could not be deleted or the run was stopped.
    Left,
}

impl Report {
    pub(super) fn count(&mut self) {
        let of = |outcomes: &[Outcome]| {
            let snapshots = self.objects.iter();
            snapshots
                .filter(|line| outcomes.contains(&line.outcome))
                .count()
        };
        let gone = [Outcome::Deleted, Outcome::WouldDelete];
        let (deleted, kept) = (of(&gone), of(&[Outcome::Kept]));
        let left = of(&[Outcome::Protected, Outcome::Failed, Outcome::Left]);
        let failed = of(&[Outcome::Failed]);
        let bytes = self
            .objects
            .iter()
            .filter(|line| gone.contains(&line.outcome));
        self.deleted_bytes = bytes.map(|line| line.bytes).sum();
        (self.deleted, self.kept) = (deleted, kept);
        (self.not_deleted, self.failed) = (left, failed);
    }
}
