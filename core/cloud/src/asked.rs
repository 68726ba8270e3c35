//! What a store is asked about itself when it is opened: whether it keeps versions, what it retains.

use std::fmt::Display;

use snapstore::Result;

/// How often an unexpected response is asked for again.
const ATTEMPTS: u32 = 3;

/// A response to a query for a property of a store.
#[derive(Debug)]
pub enum Reply<T> {
    /// What the store says.
    Told(T),
    /// Not an answer to the query, and why.
    Unexpected(String),
}

/// The answer to a query for `property`. `None` where each of three responses is unexpected: there are
/// servers that know no such query and answer another one. What is not known is not promised.
///
/// Errors: those of `ask`, at once.
pub async fn asked<T, F>(property: impl Display, ask: impl Fn() -> F) -> Result<Option<T>>
where
    F: Future<Output = Result<Reply<T>>>,
{
    for _ in 0..ATTEMPTS {
        match ask().await? {
            Reply::Told(told) => return Ok(Some(told)),
            Reply::Unexpected(why) => tracing::debug!("asked for {property}: {why}"),
        }
    }
    tracing::warn!(
        "unexpected response to a query for {property}: treated as if the store had none"
    );
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use snapstore::{Error, ErrorKind};

    use super::*;

    /// What came of it, and how often it was asked, if the responses number 1, 2, ... are those of `reply`.
    async fn counted(reply: impl Fn(u32) -> Result<Reply<u8>>) -> (Result<Option<u8>>, u32) {
        let count = Cell::new(0);
        let told = asked("versions", || {
            count.set(count.get() + 1);
            let reply = reply(count.get());
            async move { reply }
        });
        (told.await, count.get())
    }

    fn unexpected() -> Result<Reply<u8>> {
        Ok(Reply::Unexpected("a page".into()))
    }

    /// One page of a proxy, and a bucket with versions was used as one without.
    #[tokio::test]
    async fn an_unexpected_response_is_asked_for_again() {
        let (told, count) = counted(|number| match number {
            3 => Ok(Reply::Told(7)),
            _ => unexpected(),
        })
        .await;
        assert_eq!((told.unwrap(), count), (Some(7), 3));
    }

    #[tokio::test]
    async fn a_store_that_knows_no_such_query_has_none() {
        let (told, count) = counted(|_| unexpected()).await;
        assert_eq!((told.unwrap(), count), (None, 3));
    }

    #[tokio::test]
    async fn an_error_is_told_at_once() {
        let (told, count) =
            counted(|_| Err(Error::new(ErrorKind::RateLimited, "open", "503"))).await;
        assert_eq!(told.unwrap_err().kind(), ErrorKind::RateLimited);
        assert_eq!(count, 1);
    }
}
