use std::io::{self, Write};

use bolt::ReadAt;

use super::output::Output;
use crate::error::Result;
use crate::session::Session;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Gives the first `length` bytes of the file to `out`, as long as nobody asks to stop. What cannot be read or written is the
/// inner error.
pub(crate) fn copy(
    session: &Session,
    file: &Output,
    length: u64,
    out: &mut impl Write,
) -> Result<io::Result<()>> {
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    while at < length {
        session.go_on()?;
        let rest = usize::try_from(length - at).unwrap_or(PIECE);
        let piece = &mut piece[..rest.min(PIECE)];
        let copied = file
            .read_exact_at(piece, at)
            .and_then(|()| out.write_all(piece));
        if let Err(error) = copied {
            return Ok(Err(error));
        }
        at += piece.len() as u64;
    }
    Ok(Ok(()))
}
