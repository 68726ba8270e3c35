use std::collections::VecDeque;
use std::io;

use client::{Batch, BatchEnd, Change, Contiguity, Event, Step};
use jiff::Timestamp;

use super::witness::Witness;
use crate::backups::Compression;
use crate::backups::delta::{DeltaContent, DeltaWriter, NewEvent, NewValue};
use crate::backups::encoder::Level;

/// Seconds that a lease was granted for, as far as that is known.
pub type Ttl<'a> = &'a dyn Fn(i64) -> Option<i64>;

/// Joins the batches of a watch into whole revisions, and writes those into the open delta.
///
/// A revision that arrives in pieces waits in memory until its last piece is there: a delta holds it whole, or
/// not at all.
#[derive(Debug)]
pub struct Gatherer {
    compression: Compression,
    level: Level,
    seen: Contiguity,
    /// The newest revision of which all has arrived: nothing after it may be written.
    whole: i64,
    /// Revisions are missing: what this watch sends from here on is of no use.
    broken: bool,
    /// What has arrived and is not written, in order, with the time at which it was seen.
    arrived: VecDeque<(Event, Timestamp)>,
    open: Option<DeltaWriter>,
    witness: Option<Witness>,
}

/// What one step has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gathered {
    /// A revision stands in the open delta, whole.
    Revision {
        /// Which.
        revision: i64,
        /// Bytes of JSON in the open delta.
        json: u64,
    },
    /// Revisions are missing before what comes next: etcd has lost events.
    Hole {
        /// The first that is missing.
        first: i64,
        /// The last that is missing.
        last: i64,
    },
}

impl Gatherer {
    /// One that has read everything before `from`.
    pub fn new(compression: Compression, level: Level, from: i64) -> Self {
        Self {
            compression,
            level,
            seen: Contiguity::from(from),
            whole: from.saturating_sub(1),
            broken: false,
            arrived: VecDeque::new(),
            open: None,
            witness: None,
        }
    }

    /// A new watch begins at this revision. Of what the one before has sent, the revision that was not read to
    /// its end is dropped.
    pub fn watch_from(&mut self, from: i64) {
        self.seen = Contiguity::from(from);
        (self.whole, self.broken) = (from.saturating_sub(1), false);
        self.arrived.clear();
    }

    /// Takes what the watch has sent. Events that were sent before are dropped: some versions repeat them
    /// (before 3.4.24 and 3.5.8).
    ///
    /// What is missing before one of them: nothing after it is written, until another watch begins. The revision
    /// before it is not written either unless it was told to be whole: what etcd has lost may begin in it.
    pub fn arrived(&mut self, batch: Batch, time: Timestamp) -> Option<Gathered> {
        if self.broken {
            return None;
        }
        for event in batch.events {
            match self.seen.event(event.mod_revision) {
                Step::Repeated => continue,
                Step::Within => {}
                Step::Next => self.whole = event.mod_revision.saturating_sub(1),
                Step::Hole { first, last } => {
                    self.broken = true;
                    return Some(Gathered::Hole { first, last });
                }
            }
            self.arrived.push_back((event, time));
        }
        if batch.end == BatchEnd::Whole {
            self.seen.batch_ends();
            self.whole = self.seen.complete();
        }
        None
    }

    /// Leases that puts of whole revisions hang on: whoever wants their times asks before
    /// [`Gatherer::write`].
    pub fn leases(&self) -> impl Iterator<Item = i64> {
        let whole = self.whole;
        let lease = |(event, _): &(Event, Timestamp)| match event.change {
            Change::Put { lease, .. } if lease != 0 => Some(lease),
            _ => None,
        };
        let events = self.arrived.iter();
        events
            .take_while(move |(event, _)| event.mod_revision <= whole)
            .filter_map(lease)
    }

    /// Writes the next whole revision into the open delta; `None` if none has arrived.
    ///
    /// Errors: those of an encoder.
    pub fn write(&mut self, ttl: Ttl<'_>) -> io::Result<Option<Gathered>> {
        let whole = self.whole;
        let next = self.arrived.front().map(|(event, _)| event.mod_revision);
        let Some(revision) = next.filter(|next| *next <= whole) else {
            return Ok(None);
        };
        let (compression, level) = (self.compression, self.level);
        let open = self
            .open
            .get_or_insert_with(|| DeltaWriter::new(compression, level));
        let mut last = None;
        while let Some((event, time)) = self.arrived.front()
            && event.mod_revision == revision
        {
            open.event(&written(event, *time, ttl))?;
            last = self.arrived.pop_front();
        }
        self.witness = last.map(|(event, _)| Witness::of(&event));
        let json = open.json();
        Ok(Some(Gathered::Revision { revision, json }))
    }

    /// Ends the open delta; `None` if there is none.
    ///
    /// Errors: those of an encoder.
    pub fn cut(&mut self) -> io::Result<Option<DeltaContent>> {
        self.open.take().map(DeltaWriter::finish).transpose()
    }

    /// Drops the open delta.
    pub fn drop_open(&mut self) {
        self.open = None;
    }

    /// The last event that was written.
    pub fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    /// Bytes of events that wait for the rest of their revision, and of the open delta as it stands in memory.
    pub fn memory(&self) -> usize {
        let open = self.open.as_ref().map_or(0, DeltaWriter::memory);
        let length = |event: &Event| event.memory() + size_of::<Timestamp>();
        let waiting: usize = self.arrived.iter().map(|(event, _)| length(event)).sum();
        open + waiting
    }
}

fn written<'a>(event: &'a Event, time: Timestamp, ttl: Ttl<'_>) -> NewEvent<'a> {
    let put = match &event.change {
        Change::Put {
            value,
            create_revision,
            version,
            lease,
        } => Some(NewValue {
            value,
            create_revision: *create_revision,
            version: *version,
            lease: *lease,
            lease_ttl: Some(*lease).filter(|lease| *lease != 0).and_then(ttl),
        }),
        Change::Delete => None,
    };
    NewEvent {
        key: &event.key,
        mod_revision: event.mod_revision,
        put,
        time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn event(revision: i64, lease: i64) -> Event {
        Event {
            key: Bytes::from(format!("key-{revision}")),
            mod_revision: revision,
            change: Change::Put {
                value: Bytes::from_static(b"1"),
                create_revision: revision,
                version: 1,
                lease,
            },
        }
    }

    fn batch(revisions: &[i64], end: BatchEnd) -> Batch {
        Batch {
            head: 99,
            events: revisions
                .iter()
                .map(|revision| event(*revision, 0))
                .collect(),
            end,
        }
    }

    fn gatherer(from: i64) -> Gatherer {
        Gatherer::new(Compression::None, Level::default(), from)
    }

    fn revisions(gatherer: &mut Gatherer) -> Vec<i64> {
        let mut revisions = Vec::new();
        while let Some(Gathered::Revision { revision, .. }) = gatherer.write(&|_| None).unwrap() {
            revisions.push(revision);
        }
        revisions
    }

    fn json(gatherer: &mut Gatherer) -> String {
        let object = gatherer.cut().unwrap().unwrap().object;
        String::from_utf8(object[..object.len() - 32].to_vec()).unwrap()
    }

    /// `fragment` cuts inside of a revision (75,000 deletes came as 55,187 and the rest): a delta that ended
    /// there held half of a transaction.
    #[test]
    fn a_revision_in_pieces_is_written_whole() {
        let mut gatherer = gatherer(5);
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(
            gatherer.arrived(batch(&[5, 6, 6], BatchEnd::Cut), now),
            None
        );
        assert_eq!(revisions(&mut gatherer), [5]);
        assert_eq!(gatherer.arrived(batch(&[6, 6], BatchEnd::Cut), now), None);
        assert_eq!(revisions(&mut gatherer), [0; 0]);
        assert!(gatherer.memory() > 0);
        assert_eq!(gatherer.arrived(batch(&[6], BatchEnd::Whole), now), None);
        assert_eq!(revisions(&mut gatherer), [6]);
        assert_eq!(json(&mut gatherer).matches("etcdEvent").count(), 6);
        assert!(gatherer.cut().unwrap().is_none());
        assert_eq!(gatherer.witness().unwrap().mod_revision, 6);
    }

    /// A watch that broke inside of a revision is taken up again at that revision, which then comes whole.
    #[test]
    fn half_a_revision_is_dropped_with_its_watch() {
        let mut gatherer = gatherer(5);
        let now = Timestamp::UNIX_EPOCH;
        gatherer.arrived(batch(&[5, 6, 6], BatchEnd::Cut), now);
        assert_eq!(revisions(&mut gatherer), [5]);
        gatherer.watch_from(6);
        gatherer.arrived(batch(&[6, 6, 6], BatchEnd::Whole), now);
        assert_eq!(revisions(&mut gatherer), [6]);
        assert_eq!(json(&mut gatherer).matches("etcdEvent").count(), 4);
    }

    /// etcd before 3.4.31 and 3.5.13 lost events after a compaction, and before 3.4.24 and 3.5.8 sent some
    /// twice.
    #[test]
    fn what_is_missing_is_told_and_what_comes_twice_is_dropped() {
        let mut gatherer = gatherer(5);
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(gatherer.arrived(batch(&[5, 6], BatchEnd::Whole), now), None);
        assert_eq!(
            gatherer.arrived(batch(&[5, 6, 7], BatchEnd::Whole), now),
            None
        );
        let hole = gatherer.arrived(batch(&[8, 11, 12], BatchEnd::Whole), now);
        assert_eq!(hole, Some(Gathered::Hole { first: 9, last: 10 }));
        // What came before it is whole, but nobody knows whether the last of it is.
        assert_eq!(revisions(&mut gatherer), [5, 6, 7]);
        // What comes after it was written in a delta that seemed to have no hole.
        assert_eq!(gatherer.arrived(batch(&[13], BatchEnd::Whole), now), None);
        assert_eq!(revisions(&mut gatherer), [0; 0]);
        gatherer.watch_from(8);
        gatherer.arrived(batch(&[8, 9], BatchEnd::Whole), now);
        assert_eq!(revisions(&mut gatherer), [8, 9]);
    }

    /// The reference forgets how long leases last, and a restored key lives for ever or not at all.
    #[test]
    fn the_time_of_a_lease_stands_beside_the_event() {
        let mut gatherer = gatherer(5);
        let batch = Batch {
            head: 6,
            events: vec![event(5, 7), event(6, 8)],
            end: BatchEnd::Whole,
        };
        gatherer.arrived(batch, Timestamp::UNIX_EPOCH);
        assert_eq!(gatherer.leases().collect::<Vec<_>>(), [7, 8]);
        while gatherer
            .write(&|lease| (lease == 7).then_some(60))
            .unwrap()
            .is_some()
        {}
        let json = json(&mut gatherer);
        assert_eq!(json.matches("\"leaseTTL\":60").count(), 1, "{json}");
    }
}
