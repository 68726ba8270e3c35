/// Whether events continue each other. Every revision of a store has an event, so a watch of all keys must
/// show every one, in order; several bugs of etcd lose or repeat some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contiguity {
    last: i64,
    open: bool,
}

/// What an event is to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Another one of the revision that is being read.
    Within,
    /// The first of the next revision.
    Next,
    /// Of a revision that was read to its end.
    Repeated,
    /// Revisions are missing, this many from this one.
    Hole {
        /// The first that is missing.
        first: i64,
        /// The last that is missing.
        last: i64,
    },
}

impl Contiguity {
    /// All revisions before `revision` were read, none of it.
    pub fn from(revision: i64) -> Self {
        Self {
            last: revision.saturating_sub(1),
            open: false,
        }
    }

    /// The newest revision of which an event was read.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The newest revision that was read to its end.
    pub fn complete(&self) -> i64 {
        self.last.saturating_sub(i64::from(self.open))
    }

    /// Takes an event of `revision`. A hole is taken, too: what comes after it is compared with it.
    pub fn event(&mut self, revision: i64) -> Step {
        if revision == self.last && self.open {
            return Step::Within;
        }
        if revision <= self.last {
            return Step::Repeated;
        }
        let before = self.last;
        (self.last, self.open) = (revision, true);
        match revision - 1 {
            last if last == before => Step::Next,
            last => Step::Hole {
                first: before.saturating_add(1),
                last,
            },
        }
    }

    /// A batch has ended whole, and with it the revision of its last event.
    pub fn batch_ends(&mut self) {
        self.open = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// etcd before 3.4.31 and 3.5.13 lost events after a compaction, and before 3.4.24 and 3.5.8 sent
    /// some twice: whoever took the last revision for all revisions wrote a delta with a hole.
    #[test]
    fn a_hole_and_a_repetition_are_seen() {
        let mut seen = Contiguity::from(5);
        let steps: Vec<_> = [5, 5, 6, 9, 9, 8, 10].map(|r| seen.event(r)).into();
        let hole = Step::Hole { first: 7, last: 8 };
        use Step::{Next, Repeated, Within};
        assert_eq!(steps, [Next, Within, Next, hole, Within, Repeated, Next]);
        assert_eq!((seen.last(), seen.complete()), (10, 9));
        seen.batch_ends();
        assert_eq!(seen.complete(), 10);
        assert_eq!(seen.event(10), Repeated);
        assert_eq!(Contiguity::from(5).event(4), Repeated);
        let hole = Step::Hole { first: 5, last: 5 };
        assert_eq!(Contiguity::from(5).event(6), hole);
    }

    #[test]
    fn the_ends_of_the_numbers_are_revisions_too() {
        let mut seen = Contiguity::from(i64::MIN);
        assert!(matches!(seen.event(i64::MAX), Step::Hole { .. }));
        assert_eq!(seen.event(i64::MAX), Step::Within);
        assert_eq!(seen.event(i64::MIN), Step::Repeated);
    }
}
