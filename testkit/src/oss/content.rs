use std::ops::Range;

use bytes::{Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, Digest as Crc, checksum_combine};
use futures::stream;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use md5::{Digest, Md5};

use crate::loopback::{Body, BrokenOff};

/// Which OSS calls ECMA.
const CRC64: CrcAlgorithm = CrcAlgorithm::Crc64Xz;

/// In what lengths bytes are kept and sent. As they come, they may come in scraps of a few KiB, which
/// a client would have to take one by one at each download.
const PIECE: usize = 1 << 20;

/// The bytes of an object or a part, and what is computed over them.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pieces: Vec<Bytes>,
    /// In bytes.
    pub(super) size: u64,
    /// Of all bytes; of what was joined, of the MD5s of its parts, as it stands in its ETag.
    pub(super) md5: [u8; 16],
    pub(super) crc64: u64,
}

impl Content {
    /// All of a body. One that breaks off is nothing.
    pub(super) async fn receive(mut body: Incoming) -> Result<Self, BrokenOff> {
        let (mut pieces, mut piece, mut size) = (Vec::new(), BytesMut::new(), 0);
        let (mut md5, mut crc64) = (Md5::new(), Crc::new(CRC64));
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                size += data.len() as u64;
                md5.update(&data);
                crc64.update(&data);
                piece.extend_from_slice(&data);
                if piece.len() >= PIECE {
                    pieces.push(piece.freeze());
                    piece = BytesMut::with_capacity(PIECE);
                }
            }
        }
        if !piece.is_empty() {
            pieces.push(piece.freeze());
        }
        Ok(Self {
            pieces,
            size,
            md5: md5.finalize().into(),
            crc64: crc64.finalize(),
        })
    }

    /// One after the other.
    pub(super) fn join(parts: &[&Self]) -> Self {
        let mut md5 = Md5::new();
        let (mut pieces, mut size, mut crc64) = (Vec::new(), 0, 0);
        for part in parts {
            md5.update(part.md5);
            crc64 = checksum_combine(CRC64, crc64, part.crc64, part.size);
            size += part.size;
            pieces.extend(part.pieces.iter().cloned());
        }
        Self {
            pieces,
            size,
            md5: md5.finalize().into(),
            crc64,
        }
    }

    /// `range` of it, which must be inside, as it would be if it had been sent alone.
    pub(super) fn part(&self, range: Range<u64>) -> Self {
        let pieces = self.pieces_of(range);
        let (mut md5, mut crc64, mut size) = (Md5::new(), Crc::new(CRC64), 0);
        for piece in &pieces {
            md5.update(piece);
            crc64.update(piece);
            size += piece.len() as u64;
        }
        Self {
            pieces,
            size,
            md5: md5.finalize().into(),
            crc64: crc64.finalize(),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.pieces.concat()
    }

    /// `range` of it, which must be inside.
    pub(super) fn body(&self, range: Range<u64>) -> Body {
        let pieces = self.pieces_of(range);
        if pieces.is_empty() {
            return Full::default().map_err(BrokenOff::from).boxed_unsync();
        }
        let frames = pieces.into_iter().map(|piece| Ok(Frame::data(piece)));
        StreamBody::new(stream::iter(frames)).boxed_unsync()
    }

    fn pieces_of(&self, range: Range<u64>) -> Vec<Bytes> {
        let mut begin = 0;
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            let end = begin + piece.len() as u64;
            let (from, to) = (range.start.max(begin), range.end.min(end));
            if from < to {
                let inside = |at: u64| usize::try_from(at - begin).unwrap_or(usize::MAX);
                pieces.push(piece.slice(inside(from)..inside(to)));
            }
            begin = end;
        }
        pieces
    }
}
