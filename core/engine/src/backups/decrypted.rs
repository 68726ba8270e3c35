//! The content of an object that is encrypted, as it comes: its header says which key it takes.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use super::catalogue::Snapshot;
use super::compression::{Compression, Decoder};
use super::file_format::is_database;
use crate::encryption::{ChainKey, KeyError, KeyId, Named, Opened, open};
use crate::session::Session;

/// Content that is decrypted at once, and looked at to see how it is compressed.
const PIECE: usize = 64 << 10;

/// Opened when it is first read.
pub(crate) struct Decrypted<R> {
    state: State<R>,
    session: Session,
    /// What it was encrypted as.
    name: String,
}

enum State<R> {
    Closed(R),
    Open(Box<Decoder<BufReader<Opened<R>>>>),
    /// What it was is told already.
    Failed,
}

impl<R: BufRead> Decrypted<R> {
    pub(crate) fn of(session: &Session, snapshot: &Snapshot, object: R) -> Self {
        Self {
            state: State::Closed(object),
            session: session.clone(),
            name: snapshot.name.encrypted_as(),
        }
    }

    fn opened(&mut self) -> io::Result<()> {
        let State::Closed(object) = std::mem::replace(&mut self.state, State::Failed) else {
            return Err(io::Error::other("it was not opened"));
        };
        let session = &self.session;
        let opened = open(object, &self.name, |named| match named {
            Named::Key(id) => find(session, id).map(|key| vec![key]),
            Named::None => session.keys.own().map_err(io::Error::other),
        })?;
        let mut content = BufReader::with_capacity(PIECE, opened);
        let compression = by_its_head(content.fill_buf()?);
        self.state = State::Open(Box::new(Decoder::new(compression, content)));
        Ok(())
    }
}

impl<R: BufRead> Read for Decrypted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::Open(content) => return content.read(buffer),
                State::Closed(_) => self.opened()?,
                State::Failed => return Err(io::Error::other("it could not be opened")),
            }
        }
    }
}

fn find(session: &Session, id: &KeyId) -> io::Result<Arc<ChainKey>> {
    if let Some(known) = session.keys.known(id) {
        return Ok(known);
    }
    let finding = session.keys.find(&*session.store, id);
    let finding = session.cancel.run_until_cancelled(finding);
    match session.runtime.block_on(finding) {
        Some(Ok(key)) => Ok(key),
        Some(Err(KeyError::Store(error))) => Err(io::Error::other(error)),
        Some(Err(KeyError::Locked(locked))) => Err(io::Error::other(locked)),
        Some(Err(error)) => Err(io::Error::other(error)),
        None => Err(io::Error::other("interrupted")),
    }
}

/// How content is compressed that begins so. Nothing else can begin like this: a database has its magic, and a delta is JSON.
/// Go's LZW begins with the code that clears its table, 256 in nine bits.
fn by_its_head(head: &[u8]) -> Compression {
    match head {
        _ if is_database(head) => Compression::None,
        [b'[', ..] => Compression::None,
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        [first, second, ..]
            if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31) =>
        {
            Compression::Zlib
        }
        [0, second, ..] if second & 1 == 1 => Compression::Lzw,
        _ => Compression::None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::backups::encoder::{Encoder, Level};

    /// What is encrypted has no name that says how it was compressed.
    #[test]
    fn how_content_is_compressed_shows_in_its_first_bytes() {
        let database = [&[0; 16][..], &[0xed, 0xda, 0x0c, 0xed], &[7; 5000]].concat();
        let delta = b"[{\"etcdEvent\":{\"kv\":{\"key\":\"Zm9v\"}}}]".to_vec();
        for content in [database, delta, b"[]".to_vec()] {
            for compression in Compression::ALL {
                for level in 1..=9 {
                    let mut encoder = Encoder::new(compression, Level::new(level).unwrap());
                    encoder.write_all(&content).unwrap();
                    let object = encoder.finish().unwrap();
                    assert_eq!(by_its_head(&object), compression, "level {level}");
                }
            }
        }
        assert_eq!(by_its_head(b""), Compression::None);
    }
}
