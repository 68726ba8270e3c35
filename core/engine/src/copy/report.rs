use serde::Serialize;

/// What a copy came to, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Where it was copied from.
    pub source: String,
    /// And where to.
    pub destination: String,
    /// Whether nothing was copied on purpose.
    pub dry_run: bool,
    /// Every snapshot of the source: chains from the newest to the oldest, and what has no place in one.
    pub objects: Vec<Line>,
    /// Snapshots that were copied, or would be.
    pub copied: usize,
    /// How many of them the service of both stores copied by itself.
    pub copied_by_service: usize,
    /// Their length in bytes.
    pub copied_bytes: u64,
    /// Snapshots that were there already.
    pub present: usize,
    /// Snapshots that were not asked for.
    pub left_out: usize,
    /// Snapshots that should be at the destination and are not, or are not known to be.
    pub not_copied: usize,
    /// Whether it was stopped before all of it was there.
    pub interrupted: bool,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its key at the source.
    pub snapshot: String,
    /// Its key at the destination.
    pub to: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether somebody has marked it at the source, so that no collection deletes it; the mark goes with it.
    pub marked: bool,
    /// Why, as a sentence for people.
    pub why: String,
}

/// What became of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was copied, and has arrived.
    Copied,
    /// It would be copied.
    WouldCopy,
    /// It was there already.
    Present,
    /// As many bytes are there; they would be compared.
    WouldCompare,
    /// It was not asked for.
    LeftOut,
    /// It cannot be copied: the destination has something else, or the source is not sound.
    Refused,
    /// It failed.
    Failed,
    /// It was not begun, since its full is not there or the copy was stopped.
    NotBegun,
}

impl Report {
    pub(super) fn count(&mut self) {
        let of = |outcomes: &[Outcome]| {
            let lines = self.objects.iter();
            let counted = lines.filter(|line| outcomes.contains(&line.outcome));
            counted.fold((0, 0), |(count, bytes), line| {
                (count + 1, bytes + line.bytes)
            })
        };
        let (copied, bytes) = of(&[Outcome::Copied, Outcome::WouldCopy]);
        let (present, _) = of(&[Outcome::Present, Outcome::WouldCompare]);
        let (left_out, _) = of(&[Outcome::LeftOut]);
        let (not_copied, _) = of(&[Outcome::Refused, Outcome::Failed, Outcome::NotBegun]);
        (self.copied, self.copied_bytes) = (copied, bytes);
        (self.present, self.left_out, self.not_copied) = (present, left_out, not_copied);
    }
}
