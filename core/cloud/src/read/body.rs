use bytes::Bytes;
use futures::{Stream, StreamExt};
use snapstore::{ByteStream, Error, ErrorKind, Key, Result};

/// `body`, which must bring exactly `length` bytes: one that ends before is an error of the
/// stream, never a silent end, and so is one that goes on. The layer above resumes it.
pub fn exactly(
    length: u64,
    key: &Key,
    body: impl Stream<Item = Result<Bytes>> + Send + 'static,
) -> ByteStream {
    let state = (Box::pin(body), 0_u64, key.clone());
    Box::pin(futures::stream::try_unfold(
        state,
        move |(mut body, seen, key)| async move {
            let Some(piece) = body.next().await else {
                if seen < length {
                    let message = format!("the body ended after {seen} of {length} bytes");
                    return Err(broken_off(message).with_key(&key));
                }
                return Ok(None);
            };
            let piece = piece.map_err(|error| error.about(&key))?;
            let seen = seen.saturating_add(piece.len() as u64);
            if seen > length {
                let message = format!("more bytes came than the {length} that were announced");
                return Err(broken_off(message).with_key(&key));
            }
            Ok(Some((piece, (body, seen, key))))
        },
    ))
}

/// Of the store, or of what lies between: the object is as it was.
fn broken_off(message: String) -> Error {
    Error::new(ErrorKind::Unexpected, "get", message).retryable()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;

    async fn read(pieces: &[&'static str], length: u64) -> Result<Vec<Bytes>> {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from(*piece))).collect();
        let key = Key::new("k").unwrap();
        exactly(length, &key, futures::stream::iter(pieces))
            .try_collect()
            .await
    }

    /// One that was too long was a damaged object, and `initialize` went back to an older state.
    #[tokio::test]
    async fn a_body_of_another_length_is_an_error() {
        assert_eq!(read(&["ab", "c"], 3).await.unwrap().concat(), b"abc");
        let short = read(&["ab"], 3).await.unwrap_err();
        let long = read(&["ab", "cd"], 3).await.unwrap_err();
        for error in [short, long] {
            assert!(error.is_retryable(), "{error}");
            assert_eq!(error.kind(), ErrorKind::Unexpected);
        }
        assert!(read(&[], 0).await.unwrap().is_empty());
    }
}
