//! The rules that a walk through pages keeps, whoever gives them.

use std::collections::HashSet;

use crate::{Error, ErrorKind, ListPage, ListRequest, Result, printable};

/// Pages without an entry that may follow each other. Stores that filter after they have paged give
/// some (S3 does with many delete markers); one that gives nothing else is not listing.
const EMPTY: u32 = 10_000;

/// A walk through the pages of a listing, of whatever: objects, uploads, parts.
///
/// It ends where the provider says so, never because a page is short; and it is an error, not a
/// walk for ever, when a page is one that was there before.
#[derive(Debug)]
pub struct Pages {
    operation: &'static str,
    tokens: HashSet<String>,
    firsts: HashSet<String>,
    empty: u32,
}

impl Pages {
    /// A walk of `operation` ("list", "sweep", ...), before its first page.
    pub fn new(operation: &'static str) -> Self {
        Self {
            operation,
            tokens: HashSet::new(),
            firsts: HashSet::new(),
            empty: 0,
        }
    }

    /// A page came whose first entry is `first`, and after which the listing goes on at `next`.
    ///
    /// Errors: `Unexpected` if a page began alike, or if the walk has been at `next` before: the
    /// store gives the same page again and again.
    pub fn page(&mut self, first: Option<&str>, next: Option<&str>) -> Result<()> {
        match first {
            Some(first) if !self.firsts.insert(first.to_owned()) => {
                return Err(self.again("first entry", first));
            }
            Some(_) => self.empty = 0,
            None => self.empty += 1,
        }
        if self.empty > EMPTY {
            let message = format!(
                "the store gives page after page without an entry, {EMPTY} so far, and does not \
                 say that this is the end"
            );
            return Err(Error::new(ErrorKind::Unexpected, self.operation, message));
        }
        match next {
            Some(next) if !self.tokens.insert(next.to_owned()) => {
                Err(self.again("page token", next))
            }
            _ => Ok(()),
        }
    }

    fn again(&self, what: &str, seen: &str) -> Error {
        let seen: String = seen.chars().take(200).collect();
        let message = format!(
            "the store gives the same page again: the {what} \"{}\" came twice; what else it holds \
             cannot be known",
            printable(&seen)
        );
        Error::new(ErrorKind::Unexpected, self.operation, message)
    }
}

/// `page`, if it can be the answer to `request`.
///
/// Errors: `Unexpected` for a key that was not asked for, which is asked again, and for a token that
/// is the one that was sent, which is not: a server that does not know its own token stays so.
pub(crate) fn answers(request: &ListRequest, page: ListPage) -> Result<ListPage> {
    let odd = |message: String| Error::new(ErrorKind::Unexpected, "list", message);
    let mut keys = page.objects.iter().map(|object| &object.id.key);
    if let Some(key) = keys.find(|key| !key.as_str().starts_with(&request.prefix)) {
        return Err(odd(format!(
            "the store lists \"{}\", which does not begin with the prefix \"{}\" that was asked for",
            printable(key.as_str()),
            printable(&request.prefix)
        ))
        .retryable());
    }
    match &page.next {
        Some(next) if request.page.as_ref() == Some(next) => Err(odd(
            "the store does not go on: after this page comes this page".to_owned(),
        )),
        _ => Ok(page),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that ignored the page token was asked for ever, and every page kept in memory.
    #[test]
    fn a_walk_does_not_come_back_to_where_it_was() {
        let mut pages = Pages::new("list");
        pages.page(Some("a"), Some("1")).unwrap();
        pages.page(None, Some("2")).unwrap();
        pages.page(Some("c"), Some("3")).unwrap();
        let token = pages.page(Some("d"), Some("2")).unwrap_err();
        assert!(token.to_string().contains("page token \"2\""), "{token}");
        let first = pages.page(Some("a"), Some("9")).unwrap_err();
        assert!(first.to_string().contains("first entry \"a\""), "{first}");
    }

    /// A page may be empty although the listing goes on; nothing but empty pages is no listing.
    #[test]
    fn empty_pages_go_on_but_not_for_ever() {
        let mut pages = Pages::new("list");
        let ended = (0..=EMPTY).find_map(|number| {
            let token = number.to_string();
            pages.page(None, Some(&token)).err()
        });
        assert!(ended.unwrap().to_string().contains("without an entry"));
    }
}
