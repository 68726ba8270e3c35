//! zstd, as RFC 8878 has it: frames one after the other. Ours are one frame, with a checksum.

use std::io::{self, BufRead, Read, Write};

use zstd::stream::raw::{DParameter, Decoder, Operation};
use zstd::stream::write;

/// The largest window that is read, as a power of two: what `zstd` itself reads unless it is told otherwise. A frame of a
/// few bytes may ask for a window of 2 TiB.
const WINDOW_LOG: u32 = 27;

/// How zstd names a window that is larger (`ZSTD_getErrorName`).
const TOO_LARGE: &str = "too much memory";

/// Frames as a reader.
pub struct ZstdReader<R> {
    source: R,
    decoder: Option<Decoder<'static>>,
    /// A frame is at its end, and nothing of another was read.
    is_whole: bool,
}

impl<R: BufRead> ZstdReader<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            decoder: None,
            is_whole: false,
        }
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !buffer.is_empty() {
            let input = self.source.fill_buf()?;
            let has_ended = input.is_empty();
            if has_ended && self.is_whole {
                break;
            }
            let decoder = match &mut self.decoder {
                Some(decoder) => decoder,
                none => none.insert(bounded()?),
            };
            let step = decoder.run_on_buffers(input, buffer).map_err(damaged)?;
            self.source.consume(step.bytes_read);
            self.is_whole = step.remaining == 0;
            if step.bytes_written > 0 {
                return Ok(step.bytes_written);
            }
            if has_ended {
                let why = "the zstd frame breaks off before its end";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
            }
        }
        Ok(0)
    }
}

fn bounded() -> io::Result<Decoder<'static>> {
    let mut decoder = Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG))?;
    Ok(decoder)
}

/// What the library says, as a fault of the object.
fn damaged(error: io::Error) -> io::Error {
    let said = error.to_string();
    let why = match said.contains(TOO_LARGE) {
        true => format!(
            "a zstd frame asks for a window of more than {} MiB, which is not read: compress it anew with a smaller \
             one",
            (1_u32 << WINDOW_LOG) >> 20
        ),
        false => format!("zstd: {said}"),
    };
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// One frame, as it is written.
pub(super) struct ZstdWriter {
    /// There may be no memory for it: that is said when something is written.
    encoder: io::Result<write::Encoder<'static, Vec<u8>>>,
}

impl ZstdWriter {
    /// Levels are those of zstd.
    pub(super) fn new(level: u32) -> Self {
        let level = i32::try_from(level).unwrap_or(zstd::DEFAULT_COMPRESSION_LEVEL);
        let encoder = write::Encoder::new(Vec::new(), level).and_then(|mut encoder| {
            encoder.include_checksum(true)?;
            Ok(encoder)
        });
        Self { encoder }
    }

    /// How many bytes are done.
    pub(super) fn ready(&self) -> usize {
        let encoder = self.encoder.as_ref();
        encoder.map_or(0, |encoder| encoder.get_ref().len())
    }

    /// What is done.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let encoder = self.encoder.as_mut();
        let done = encoder.map(|encoder| std::mem::take(encoder.get_mut()));
        done.unwrap_or_default()
    }

    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.encoder?.finish()
    }
}

impl Write for ZstdWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.encoder {
            Ok(encoder) => encoder.write(bytes),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for ZstdWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ZstdWriter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(object: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        ZstdReader::new(object).read_to_end(&mut content)?;
        Ok(content)
    }

    fn written(content: &[u8]) -> Vec<u8> {
        let mut writer = ZstdWriter::new(1);
        writer.write_all(content).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn frames_are_read_one_after_the_other_and_nothing_else_after_them() {
        let [first, second] = [&b"first "[..], b"second"].map(written);
        assert_eq!(read(&first).unwrap(), b"first ");
        assert_eq!(
            read(&[&first[..], &second].concat()).unwrap(),
            b"first second"
        );
        let trailing = read(&[&first[..], b"trailing"].concat()).unwrap_err();
        assert_eq!(trailing.kind(), io::ErrorKind::InvalidData);
        assert_eq!(read(&written(b"")).unwrap(), b"");
    }

    /// A truncated object must never look like a short one.
    #[test]
    fn one_that_breaks_off_anywhere_is_an_error() {
        let object = written(&[7; 300_000]);
        for length in 0..object.len() {
            let error = read(&object[..length]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{length}");
        }
    }

    #[test]
    fn a_flipped_bit_is_an_error() {
        let content: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
        let object = written(&content);
        for at in (0..object.len()).step_by(997) {
            let mut flipped = object.clone();
            flipped[at] ^= 4;
            assert!(read(&flipped).is_err(), "{at}");
        }
    }

    /// Ten bytes that ask for any amount of memory.
    #[test]
    fn a_window_that_is_too_large_is_refused_and_named() {
        let frame = |window_log: u8| {
            // Magic; no size, no checksum; the window; a last block of one byte, as it is.
            let descriptor = (window_log - 10) << 3;
            let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, descriptor, 0x09, 0, 0, b'x'];
            read(&frame)
        };
        assert_eq!(frame(20).unwrap(), b"x");
        assert_eq!(frame(27).unwrap(), b"x");
        for window_log in [28, 31, 41] {
            let error = frame(window_log).unwrap_err().to_string();
            assert!(error.contains("a window of more than 128 MiB"), "{error}");
        }
    }
}
