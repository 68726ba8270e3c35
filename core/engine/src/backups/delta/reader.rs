use std::io::Read;

use etcd::revision::{Entry, Revision};
use jiff::Timestamp;

use super::batch::{Batch, Placed, entry_kind};
use super::error::DeltaError;
use super::event::{EventFields, WireEvent};
use super::fast;
use super::hashed::{HASH, Hashed};
use super::options::{HashCheck, ReadOptions, Times};
use crate::backups::name::SnapshotName;

/// Encoded bytes after which a batch is handed on.
const BATCH: usize = 512 * 1024;

/// What is kept of the memory of a value for the next one, in bytes.
const KEPT: usize = 1 << 20;

/// The events of one delta, in batches.
pub struct DeltaReader<R> {
    content: Hashed<R>,
    name: SnapshotName,
    options: ReadOptions,
    state: State,
    last: Option<Revision>,
    /// Decoded key and value of the event at hand; kept to save allocations.
    scratch: (Vec<u8>, Vec<u8>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the `[`.
    Before,
    /// After `[` or `,`: an event follows (or, after `[`, the end).
    AtEvent,
    /// After an event.
    AfterEvent,
    /// After the `]`.
    Done,
}

impl<R: Read> DeltaReader<R> {
    /// Reads the content of the delta `name` from `source`, decompressed.
    pub fn new(name: &SnapshotName, source: R, options: ReadOptions) -> Self {
        Self {
            content: Hashed::new(source),
            name: name.clone(),
            options,
            state: State::Before,
            last: None,
            scratch: (Vec::new(), Vec::new()),
        }
    }

    /// Asks `turn` before more memory than is common is taken for one event. It waits for its turn, and
    /// says false when nobody needs the events any more.
    pub fn in_turn(mut self, turn: impl FnMut() -> bool + Send + 'static) -> Self {
        self.content.set_turn(Box::new(turn));
        self
    }

    /// Fills `batch`, which it clears first, with the next events; false when there are none left
    /// and the hash and the name have been found right. A revision may go on in the next batch.
    pub fn next_batch(&mut self, batch: &mut Batch) -> Result<bool, DeltaError> {
        batch.clear();
        while self.state != State::Done && batch.len() < BATCH {
            self.step(batch)?;
        }
        Ok(!batch.is_empty())
    }

    fn step(&mut self, batch: &mut Batch) -> Result<(), DeltaError> {
        let Some(byte) = self.peek()? else {
            return Err(self.malformed("the list of events breaks off"));
        };
        match (self.state, byte) {
            (State::Before, b'[') => self.advance(State::AtEvent),
            (State::AtEvent, b']') if self.last.is_none() => self.end()?,
            (State::AtEvent, _) => self.event(batch)?,
            (State::AfterEvent, b',') => self.advance(State::AtEvent),
            (State::AfterEvent, b']') => self.end()?,
            (State::Before, _) => return Err(self.malformed("a list of events should begin here")),
            _ => return Err(self.malformed("',' or ']' should stand here")),
        }
        Ok(())
    }

    fn advance(&mut self, state: State) {
        self.content.take(1);
        self.state = state;
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<Option<u8>, DeltaError> {
        loop {
            let window = self.content.window();
            match window.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(0) => return Ok(window.first().copied()),
                Some(blank) => self.content.take(blank),
                None => {
                    let blank = window.len();
                    self.content.take(blank);
                    if !self.content.more()? && !self.without_hash() {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// The content seems to go on into the last 32 bytes: there is no hash. With the check
    /// skipped that is allowed; true if there was something to release.
    fn without_hash(&mut self) -> bool {
        let before = self.content.window().len();
        if self.options.hash == HashCheck::Skipped {
            self.content.release_tail();
        }
        self.content.window().len() > before
    }

    fn event(&mut self, batch: &mut Batch) -> Result<(), DeltaError> {
        loop {
            if let Some((fields, length)) = fast::event(self.content.window()) {
                let placed = self.place(&fields)?;
                push(batch, &fields, &placed, &mut self.scratch)
                    .map_err(|what| self.malformed(what))?;
                self.passed(placed.entry.revision, length);
                return Ok(());
            }
            let mut parser =
                serde_json::Deserializer::from_slice(self.content.window()).into_iter();
            let parsed: Option<Result<WireEvent<'_>, _>> = parser.next();
            match parsed {
                Some(Ok(event)) => {
                    let length = parser.byte_offset();
                    let Some(fields) = event.fields() else {
                        return Err(self.malformed("this kind of event does not exist"));
                    };
                    let placed = self.place(&fields)?;
                    push(batch, &fields, &placed, &mut self.scratch)
                        .map_err(|what| self.malformed(what))?;
                    self.passed(placed.entry.revision, length);
                    return Ok(());
                }
                Some(Err(error)) if !error.is_eof() => {
                    let what = format!("this is no event: {error}");
                    return Err(self.malformed(&what));
                }
                _ => {
                    if !self.content.more()? && !self.without_hash() {
                        return Err(self.malformed("an event breaks off"));
                    }
                }
            }
        }
    }

    fn passed(&mut self, revision: Revision, length: usize) {
        self.last = Some(revision);
        self.content.take(length);
        self.state = State::AfterEvent;
    }

    /// Where the event belongs among the revisions; refuses one outside the name or out of order.
    fn place(&self, fields: &EventFields<'_>) -> Result<Placed, DeltaError> {
        let main = fields.mod_revision;
        let revision = match self.last {
            Some(last) if main == last.main => Revision::new(main, last.sub + 1),
            Some(last) if main.checked_sub(1) == Some(last.main) => Revision::new(main, 0),
            None if main == self.name.first => Revision::new(main, 0),
            Some(last) => {
                let what = format!("revision {main} follows revision {}", last.main);
                return Err(self.malformed(&what));
            }
            None => return Err(self.misnamed(format!("it begins with revision {main}"))),
        };
        if main > self.name.last {
            return Err(self.misnamed(format!("it holds revision {main}")));
        }
        let time = match self.options.times {
            Times::Parsed => self.time(fields)?.as_nanosecond(),
            Times::Ignored => 0,
        };
        Ok(Placed {
            entry: Entry {
                revision,
                kind: entry_kind(fields.kind),
            },
            time: i64::try_from(time).unwrap_or(i64::MAX),
            seed: self.options.seed,
            leases: self.options.leases,
        })
    }

    fn time(&self, fields: &EventFields<'_>) -> Result<Timestamp, DeltaError> {
        let text = str::from_utf8(fields.time).unwrap_or_default();
        text.parse()
            .map_err(|error| self.malformed(&format!("its time {text:?}: {error}")))
    }

    /// At the `]`: the hash, and whether the name told the truth.
    fn end(&mut self) -> Result<(), DeltaError> {
        self.advance(State::Done);
        while self.content.window().is_empty() && self.content.more()? {}
        let window = self.content.window().len();
        let (tail, actual) = self.content.finish();
        match self.options.hash {
            HashCheck::Required | HashCheck::WherePresent if tail.len() < HASH => {
                return Err(DeltaError::HashMissing);
            }
            HashCheck::Required | HashCheck::WherePresent if window == 0 && tail != actual => {
                return Err(DeltaError::Hash {
                    actual: hex::encode(actual),
                    recorded: hex::encode(tail),
                });
            }
            HashCheck::Skipped if window == 0 && (tail.is_empty() || tail.len() == HASH) => {}
            HashCheck::Required | HashCheck::WherePresent if window == 0 => {}
            _ => return Err(self.malformed("trailing data after the list of events")),
        }
        match self.last {
            Some(last) if last.main == self.name.last => Ok(()),
            Some(last) => Err(self.misnamed(format!("it ends with revision {}", last.main))),
            None => Err(self.misnamed("it holds no event".into())),
        }
    }

    fn malformed(&self, what: &str) -> DeltaError {
        DeltaError::Malformed {
            offset: self.content.offset(),
            what: what.to_owned(),
        }
    }

    fn misnamed(&self, what: String) -> DeltaError {
        DeltaError::Name {
            first: self.name.first,
            last: self.name.last,
            what,
        }
    }
}

/// Decodes key and value and adds the event.
fn push(
    batch: &mut Batch,
    fields: &EventFields<'_>,
    placed: &Placed,
    (key, value): &mut (Vec<u8>, Vec<u8>),
) -> Result<(), &'static str> {
    decode(fields.key, key).ok_or("the key is no base64")?;
    decode(fields.value, value).ok_or("the value is no base64")?;
    if key.is_empty() {
        return Err("the event has no key");
    }
    let pushed = batch.push(fields, key, value, placed);
    if value.capacity() > KEPT {
        *value = Vec::new();
    }
    pushed.ok_or("the event is too long")
}

fn decode(base64: &[u8], out: &mut Vec<u8>) -> Option<()> {
    use base64_simd::{Out, STANDARD};
    out.resize(STANDARD.decoded_length(base64).ok()?, 0);
    STANDARD.decode(base64, Out::from_slice(out)).ok()?;
    Some(())
}
