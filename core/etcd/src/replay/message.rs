use prost::Message;

use crate::Malformed;

/// Decodes a message of which nothing is borrowed.
pub(super) fn message<M: Message + Default>(
    what: &'static str,
    bytes: &[u8],
) -> Result<M, Malformed> {
    M::decode(bytes).map_err(|_| Malformed {
        what,
        why: "is not the message that its field says",
        offset: 0,
    })
}
