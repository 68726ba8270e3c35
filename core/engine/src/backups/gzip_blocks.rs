//! Gzip on several cores: one member (RFC 1952), made of blocks that are deflated side by side, each with the 32 KiB
//! before it as its dictionary, as pigz does. Every reader takes it, those that know one member only too.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::machine::start_thread;

/// Bytes of content in a block: few enough that those under way fit into the cache, so many that what a block begins with
/// (a flush before it, codes of its own) costs nothing.
const BLOCK: usize = 256 << 10;

/// How far deflate looks back (RFC 1951).
const WINDOW: usize = 32 << 10;

/// A header without a name or a time; made by Unix.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

/// Takes content, and gives the object as it is done.
#[derive(Debug)]
pub(super) struct GzipBlocks {
    workers: Vec<Worker>,
    /// Blocks that were given out, and those that were taken back, in order.
    sent: usize,
    received: usize,
    block: Vec<u8>,
    /// To be filled again.
    free: Vec<Vec<u8>>,
    /// The end of the block before.
    before: Vec<u8>,
    sum: Crc,
    done: Vec<u8>,
}

#[derive(Debug)]
struct Worker {
    blocks: Sender<Block>,
    deflated: Receiver<io::Result<Deflated>>,
}

struct Block {
    content: Vec<u8>,
    dictionary: Vec<u8>,
    is_last: bool,
}

struct Deflated {
    bytes: Vec<u8>,
    sum: Crc,
    /// What it was made of, to be filled again: memory that is given back by another thread than took it is seldom used again.
    content: Vec<u8>,
}

impl GzipBlocks {
    /// With so many threads.
    pub(super) fn start(level: u32, threads: usize) -> crate::Result<Self> {
        let level = Compression::new(level);
        let worker = |_| {
            let (blocks, taken) = channel::<Block>();
            let (give, deflated) = channel();
            start_thread(move || {
                let mut compress = Compress::new(level, false);
                for block in taken {
                    // Nobody waits for it any more when the object was given up.
                    if give.send(deflate(block, &mut compress)).is_err() {
                        return;
                    }
                }
            })?;
            Ok(Worker { blocks, deflated })
        };
        Ok(Self {
            workers: (0..threads.max(1))
                .map(worker)
                .collect::<crate::Result<_>>()?,
            sent: 0,
            received: 0,
            block: Vec::with_capacity(BLOCK),
            free: Vec::new(),
            before: Vec::new(),
            sum: Crc::new(),
            done: HEADER.to_vec(),
        })
    }

    /// What is done.
    pub(super) fn done(&self) -> &Vec<u8> {
        &self.done
    }

    /// The same, to be taken out.
    pub(super) fn done_mut(&mut self) -> &mut Vec<u8> {
        &mut self.done
    }

    /// Ends the object.
    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        self.send(true)?;
        while self.received < self.sent {
            self.receive()?;
        }
        self.done.extend(self.sum.sum().to_le_bytes());
        self.done.extend(self.sum.amount().to_le_bytes());
        Ok(self.done)
    }

    fn send(&mut self, is_last: bool) -> io::Result<()> {
        // So many wait that each thread has the next one at hand.
        while self.sent - self.received >= 2 * self.workers.len() {
            self.receive()?;
        }
        let next = self.free.pop();
        let next = next.unwrap_or_else(|| Vec::with_capacity(BLOCK));
        let content = std::mem::replace(&mut self.block, next);
        let tail = content.len().saturating_sub(WINDOW);
        let dictionary = match content.len() >= WINDOW {
            true => std::mem::replace(&mut self.before, content[tail..].to_vec()),
            false => std::mem::take(&mut self.before),
        };
        let block = Block {
            content,
            dictionary,
            is_last,
        };
        let worker = self.worker(self.sent)?;
        worker.blocks.send(block).map_err(|_| died())?;
        self.sent += 1;
        Ok(())
    }

    fn receive(&mut self) -> io::Result<()> {
        let worker = self.worker(self.received)?;
        let mut deflated = worker.deflated.recv().map_err(|_| died())??;
        self.received += 1;
        deflated.content.clear();
        self.free.push(deflated.content);
        self.sum.combine(&deflated.sum);
        self.done.extend(deflated.bytes);
        Ok(())
    }

    fn worker(&self, block: usize) -> io::Result<&Worker> {
        self.workers
            .get(block % self.workers.len())
            .ok_or_else(died)
    }
}

fn died() -> io::Error {
    io::Error::other("a thread that compresses died")
}

impl Write for GzipBlocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BLOCK - self.block.len();
        let taken = bytes.len().min(room);
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK {
            self.send(false)?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Raw deflate. All blocks but the last end at a byte, with an empty stored block.
fn deflate(block: Block, compress: &mut Compress) -> io::Result<Deflated> {
    compress.reset();
    if !block.dictionary.is_empty() {
        compress
            .set_dictionary(&block.dictionary)
            .map_err(io::Error::other)?;
    }
    let flush = match block.is_last {
        true => FlushCompress::Finish,
        false => FlushCompress::Sync,
    };
    let mut bytes = Vec::with_capacity(block.content.len() / 2 + 4096);
    let mut left = &block.content[..];
    loop {
        let before = compress.total_in();
        let status = compress
            .compress_vec(left, &mut bytes, flush)
            .map_err(io::Error::other)?;
        let taken = usize::try_from(compress.total_in() - before).map_err(io::Error::other)?;
        left = &left[taken..];
        let has_room = bytes.len() < bytes.capacity();
        let is_done = match block.is_last {
            true => status == Status::StreamEnd,
            // There was room left: all of the flush is there.
            false => left.is_empty() && has_room,
        };
        if is_done {
            break;
        }
        bytes.reserve(64 << 10);
    }
    // At level 1 what is random grows by a twentieth: values that are encrypted are.
    if bytes.len() > block.content.len() && !block.content.is_empty() {
        let stored = stored(&block);
        if stored.len() < bytes.len() {
            bytes = stored;
        }
    }
    let mut sum = Crc::new();
    sum.update(&block.content);
    let content = block.content;
    Ok(Deflated {
        bytes,
        sum,
        content,
    })
}

/// The content as it is (RFC 1951, section 3.2.4). It begins at a byte, as what comes before ends at one.
fn stored(block: &Block) -> Vec<u8> {
    let pieces = block.content.chunks(usize::from(u16::MAX));
    let mut left = pieces.len();
    let mut bytes = Vec::with_capacity(block.content.len() + 5 * left);
    for piece in pieces {
        left -= 1;
        let length = u16::try_from(piece.len()).unwrap_or(u16::MAX);
        bytes.push(u8::from(block.is_last && left == 0));
        bytes.extend(length.to_le_bytes());
        bytes.extend((!length).to_le_bytes());
        bytes.extend(piece);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    /// A reader of one member, which must end with the object.
    fn read(object: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        let mut decoder = GzDecoder::new(object);
        decoder.read_to_end(&mut content)?;
        assert_eq!(decoder.into_inner(), b"", "there is more than one member");
        Ok(content)
    }

    fn content(length: usize, seed: u64) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(seed);
        let words: Vec<Vec<u8>> = (0..50)
            .map(|_| (0..random.usize(1..40)).map(|_| random.u8(..)).collect())
            .collect();
        let mut content = Vec::new();
        while content.len() < length {
            content.extend(&words[random.usize(..words.len())]);
        }
        content.truncate(length);
        content
    }

    fn written(content: &[u8], piece: usize, threads: usize) -> Vec<u8> {
        let mut encoder = GzipBlocks::start(1, threads).unwrap();
        let mut object = Vec::new();
        for piece in content.chunks(piece) {
            encoder.write_all(piece).unwrap();
            object.append(encoder.done_mut());
        }
        object.extend(encoder.finish().unwrap());
        object
    }

    #[test]
    fn one_member_is_made_of_blocks_of_any_length() {
        let lengths = [
            0,
            1,
            WINDOW,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            2 * BLOCK,
            5 * BLOCK + 12_345,
        ];
        for (seed, length) in lengths.into_iter().enumerate() {
            let content = content(length, seed as u64);
            for threads in [1, 3] {
                let object = written(&content, 32 << 10, threads);
                assert_eq!(read(&object).unwrap(), content, "{length}");
            }
        }
    }

    /// A full of values that were encrypted was 5 per cent larger compressed than not.
    #[test]
    fn what_cannot_be_made_smaller_is_stored() {
        for length in [3 * BLOCK, 3 * BLOCK + 100, BLOCK - 1, 70_000] {
            let mut random = fastrand::Rng::with_seed(1);
            let noise: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
            let object = written(&noise, 100_000, 2);
            assert_eq!(read(&object).unwrap(), noise);
            assert!(
                object.len() < length + length / 1000 + 64,
                "{length}: {}",
                object.len()
            );
        }
        // What can follows what cannot, with its dictionary.
        let mut random = fastrand::Rng::with_seed(2);
        let mut mixed: Vec<u8> = (0..BLOCK).map(|_| random.u8(..)).collect();
        mixed.extend(content(2 * BLOCK, 3));
        mixed.extend_from_within(..BLOCK);
        assert_eq!(read(&written(&mixed, 100_000, 2)).unwrap(), mixed);
    }

    /// Blocks know what came before them: without their dictionaries it would be a few per cent larger.
    #[test]
    fn it_is_as_small_as_what_one_thread_makes() {
        let content = content(6 * BLOCK, 9);
        let many = written(&content, 1 << 20, 4).len();
        let mut one = flate2::write::GzEncoder::new(Vec::new(), Compression::new(1));
        one.write_all(&content).unwrap();
        let one = one.finish().unwrap().len();
        assert!(many <= one + one / 50, "{many} {one}");
    }

    /// etcd-backup-restore ends the encoder also when its source has failed.
    #[test]
    fn what_was_not_finished_is_no_object() {
        let mut encoder = GzipBlocks::start(1, 2).unwrap();
        encoder.write_all(&content(6 * BLOCK, 4)).unwrap();
        let broken = std::mem::take(encoder.done_mut());
        assert!(broken.len() > 1000);
        assert!(read(&broken).is_err());
    }
}
