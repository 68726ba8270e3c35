use std::fmt;
use std::path::Path;

use snapstore::{ListRequest, Snapstore};

use super::catalogue::Catalogue;
use super::name::SnapshotName;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::session::Session;
use crate::size::counted;

/// A place that was asked for backups and holds none, with what an operator needs to see whether it
/// is the wrong place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyStore {
    /// Provider, container and prefix.
    pub location: String,
    /// The directory of a local store is not there.
    pub is_missing: bool,
    /// Since a file has its name.
    pub is_file: bool,
    /// Objects where backups belong that are none.
    pub unrecognized: Option<Sample>,
    /// Names of backups above or below the place where they belong.
    pub elsewhere: Option<Sample>,
}

/// Some objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// How many were seen.
    pub count: usize,
    /// Whether there may be more.
    pub may_be_more: bool,
    /// The first of them, below the prefix.
    pub first: String,
}

impl EmptyStore {
    /// Looks around in the store of `session`, in which `catalogue` is all that was found.
    ///
    /// Errors: `Interrupted` when the session is cancelled meanwhile.
    pub async fn look(session: &Session, catalogue: &Catalogue) -> Result<Self> {
        let location = session.store.location();
        let unrecognized = catalogue.ignored.iter().map(|object| object.key.as_str());
        let looking = session
            .cancel
            .run_until_cancelled(elsewhere(&*session.store));
        Ok(Self {
            location: location.to_string(),
            is_missing: location.scheme == "file" && !Path::new(&location.bucket).is_dir(),
            is_file: location.scheme == "file" && Path::new(&location.bucket).is_file(),
            unrecognized: Sample::of(unrecognized, More::None),
            elsewhere: looking.await.ok_or(Error::Interrupted)?,
        })
    }
}

/// One page is enough to see that a prefix is a level too high or too low. It may be forbidden to
/// look there, which is no failure: where backups belong was looked at.
async fn elsewhere(store: &dyn Snapstore) -> Option<Sample> {
    let page = store.list(&ListRequest::default()).await.ok()?;
    let more = match page.next {
        Some(_) => More::Unseen,
        None => More::None,
    };
    let objects = page.objects.iter().map(|object| &object.id.key);
    let named = objects.filter(|key| SnapshotName::parse(key.file_name()).is_ok());
    let mut keys: Vec<&str> = named.map(|key| key.as_str()).collect();
    keys.sort_unstable();
    Sample::of(keys, more)
}

impl EmptyStore {
    /// Whether what was named is the directory `v2` of a store, and no place for a first start.
    pub fn holds_backups_itself(&self) -> bool {
        self.elsewhere.as_ref().is_some_and(Sample::is_inside)
    }

    /// What can be done about it.
    pub fn hints(&self) -> Vec<Hint> {
        match &self.elsewhere {
            Some(_) if self.holds_backups_itself() => vec![Hint::DirectoryAbove],
            Some(_) => vec![Hint::StorePrefix],
            None => Vec::new(),
        }
    }
}

/// What a listing has beyond the objects that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    /// Nothing.
    None,
    /// Another page.
    Unseen,
}

impl Sample {
    /// Whether what was named is the directory `v2` itself.
    fn is_inside(&self) -> bool {
        !self.first.contains('/')
    }

    fn of<'a>(keys: impl IntoIterator<Item = &'a str>, more: More) -> Option<Self> {
        let mut keys = keys.into_iter();
        let first = keys.next()?.to_owned();
        let count = keys.count() + 1;
        Some(Self {
            count,
            may_be_more: more == More::Unseen,
            first,
        })
    }
}

impl fmt::Display for EmptyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, .. } = self;
        if self.is_file {
            return write!(f, "The directory of the backups is a file: {location}.");
        }
        if self.is_missing {
            return write!(f, "The directory of the backups is not there: {location}.");
        }
        write!(f, "The store holds no backup: {location} was listed.")?;
        if let Some(Sample { count, first, .. }) = &self.unrecognized {
            let passed_over = counted(
                *count,
                "object that is no backup was",
                "objects that are no backups were",
            );
            write!(f, " {passed_over} passed over, the first is {first}.")?;
        }
        if let Some(found @ Sample { count, first, .. }) = &self.elsewhere {
            let what = match found.is_inside() {
                true => "Backups are right there, not in a directory v2 below it: name its parent",
                false => "Backups of another prefix are there",
            };
            let more = if found.may_be_more { " or more" } else { "" };
            write!(f, " {what}: {count}{more}, the first is {first}.")?;
        }
        Ok(())
    }
}
