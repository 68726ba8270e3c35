use crate::backup::{DeltaWriter, Written};

/// One event, as etcd's watch tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its revision.
    pub revision: i64,
    /// Its key.
    pub key: Vec<u8>,
    /// `None` for a delete, whose numbers below are 0.
    pub value: Option<Vec<u8>>,
    /// The revision that created the key.
    pub create_revision: i64,
    /// How often the key was put since, this put included.
    pub version: i64,
    /// The lease that the key hangs on, or 0.
    pub lease: i64,
}

/// The content of a delta of these events.
pub fn delta(events: &[Event]) -> Vec<u8> {
    let mut writer = DeltaWriter::new(Vec::new());
    for event in events {
        writer
            .event(&Written {
                key: &event.key,
                value: event.value.as_deref(),
                create_revision: event.create_revision,
                mod_revision: event.revision,
                version: event.version,
                lease: event.lease,
                time: super::time(event.revision),
            })
            .unwrap();
    }
    writer.finish().unwrap()
}
