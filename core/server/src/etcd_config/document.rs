use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_saphyr::Spanned;
use snapstore::printable;

use super::error::Error;
use super::node::Node;

/// No configuration is longer.
const MOST_BYTES: u64 = 1024 * 1024;

/// Nor deeper: what is deeper is read by calls of calls.
const DEEPEST: usize = 64;

/// etcd's configuration as it was read, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Node,
    /// From 1.
    pub(super) line: u64,
}

/// Which URLs of members are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urls {
    /// Where clients reach a member (`advertise-client-urls`).
    Client,
    /// Where other members reach it (`initial-advertise-peer-urls`).
    Peer,
}

impl Urls {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Client => "advertise-client-urls",
            Self::Peer => "initial-advertise-peer-urls",
        }
    }
}

impl Document {
    /// Reads the file.
    ///
    /// Errors: [`Error::Read`], [`Error::Syntax`].
    pub async fn read(path: &Path) -> Result<Self, Error> {
        let fault = |why: String| Error::Read {
            path: path.display().to_string(),
            why,
        };
        let about = tokio::fs::metadata(path).await;
        let length = about.map_err(|error| fault(error.to_string()))?.len();
        if length > MOST_BYTES {
            return Err(fault(format!(
                "it has {length} bytes, and {MOST_BYTES} at most are one"
            )));
        }
        let text = tokio::fs::read_to_string(path).await;
        Self::parse(&text.map_err(|error| fault(error.to_string()))?)
    }

    /// Reads the text of a file.
    ///
    /// Errors: [`Error::Syntax`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut options = serde_saphyr::Options::default();
        // Nothing of the file stands in a message: it may hold passwords.
        options.with_snippet = false;
        options.non_finite_float_policy = serde_saphyr::options::NonFiniteFloatPolicy::PassThrough;
        if let Some(budget) = &mut options.budget {
            budget.max_depth = DEEPEST;
        }
        let fault = |why: String| Error::Syntax { why };
        let read: Self = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| fault(printable(&error.to_string())))?;
        match read.entries.is_empty() {
            true => Err(fault("it is empty".to_owned())),
            false => Ok(read),
        }
    }

    /// All URLs of a kind that it names, of all members.
    ///
    /// Errors: [`Error::Missing`], [`Error::Key`].
    fn all_urls(&self, urls: Urls) -> Result<Vec<String>, Error> {
        let entry = self.needed(urls.key())?;
        let lists = match &entry.value {
            Node::Map(members) => members.iter().map(|(_, list)| list).collect(),
            other => vec![other],
        };
        let mut all = Vec::new();
        for list in lists {
            all.extend(entry.list(list)?);
        }
        Ok(all)
    }

    /// All client URLs that it names, of all members.
    ///
    /// Errors: [`Error::Missing`], [`Error::Key`].
    pub fn client_urls(&self) -> Result<Vec<String>, Error> {
        self.all_urls(Urls::Client)
    }

    /// The URLs of a member. Where they stand for nobody in particular, they are those of every one.
    ///
    /// Errors: [`Error::Missing`], or [`Error::Key`] where they are none, or not of this member.
    pub fn urls_of(&self, member: &str, urls: Urls) -> Result<Vec<String>, Error> {
        let entry = self.needed(urls.key())?;
        let list = match &entry.value {
            Node::Map(members) => {
                let own = members.iter().find(|(name, _)| name == member);
                let (_, list) = own.ok_or_else(|| {
                    let names: Vec<_> = members.iter().map(|(name, _)| printable(name)).collect();
                    let why = match names.is_empty() {
                        true => "no member stands there".to_owned(),
                        false => format!(
                            "no {} stands there, but {}",
                            printable(member),
                            names.join(", ")
                        ),
                    };
                    Error::key(entry.line, &entry.key, why)
                })?;
                list
            }
            other => other,
        };
        match entry.list(list)? {
            none if none.is_empty() => Err(Error::key(
                entry.line,
                &entry.key,
                format!("there is no URL of {}", printable(member)),
            )),
            found => Ok(found),
        }
    }

    /// How many members the cluster has when it is whole, by `initial-cluster`.
    ///
    /// Errors: [`Error::Missing`], [`Error::Key`].
    pub fn cluster_size(&self) -> Result<usize, Error> {
        let mut names: Vec<&str> = self
            .initial_cluster()?
            .iter()
            .map(|(name, _)| *name)
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(names.len())
    }

    /// The members of `initial-cluster`, by name, each with its whole `name=URL`.
    ///
    /// Errors: [`Error::Missing`], [`Error::Key`].
    pub(super) fn initial_cluster(&self) -> Result<Vec<(&str, &str)>, Error> {
        let entry = self.needed("initial-cluster")?;
        let text = entry.text()?;
        let mut all = Vec::new();
        for member in text
            .split(',')
            .map(str::trim)
            .filter(|member| !member.is_empty())
        {
            match member.split_once('=') {
                Some((name, url)) if !name.trim().is_empty() && !url.trim().is_empty() => {
                    all.push((name.trim(), member));
                }
                _ => {
                    let why = format!("{} is no NAME=URL", printable(member));
                    return Err(Error::key(entry.line, &entry.key, why));
                }
            }
        }
        match all.is_empty() {
            true => Err(Error::key(
                entry.line,
                &entry.key,
                "there is no member in it",
            )),
            false => Ok(all),
        }
    }

    /// `initial-cluster` as it is written.
    ///
    /// Errors: [`Error::Missing`], [`Error::Key`].
    pub fn initial_cluster_text(&self) -> Result<&str, Error> {
        self.needed("initial-cluster")?.text()
    }

    /// The text of a key that need not be there; `None` for an empty one, too.
    ///
    /// Errors: [`Error::Key`] where it is none.
    pub fn text(&self, key: &str) -> Result<Option<&str>, Error> {
        match self.entry(key) {
            None => Ok(None),
            Some(entry) if entry.value == Node::Null => Ok(None),
            Some(entry) => Ok(Some(entry.text()?).filter(|text| !text.is_empty())),
        }
    }

    fn needed(&self, key: &str) -> Result<&Entry, Error> {
        self.entry(key).ok_or_else(|| Error::Missing {
            key: key.to_owned(),
        })
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Entry {
    fn text(&self) -> Result<&str, Error> {
        match &self.value {
            Node::Text(text) => Ok(text),
            other => {
                let why = format!("it is {}, and should be a text", other.kind());
                Err(Error::key(self.line, &self.key, why))
            }
        }
    }

    /// URLs: a list, or a text with commas between them.
    fn list(&self, value: &Node) -> Result<Vec<String>, Error> {
        let wrong = |other: &Node| {
            let why = format!("{} stands where URLs should", other.kind());
            Error::key(self.line, &self.key, why)
        };
        match value {
            Node::Text(text) => {
                let urls = text.split(',').map(str::trim);
                Ok(urls
                    .filter(|url| !url.is_empty())
                    .map(str::to_owned)
                    .collect())
            }
            Node::List(items) => {
                let url = |item: &Node| match item {
                    Node::Text(url) => Ok(url.trim().to_owned()),
                    other => Err(wrong(other)),
                };
                items.iter().map(url).collect()
            }
            other => Err(wrong(other)),
        }
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Document;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Document, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = from.next_key::<String>()? {
            let value: Spanned<Node> = from.next_value()?;
            let line = value.referenced.line();
            let value = value.value;
            entries.push(Entry { key, value, line });
        }
        Ok(Document { entries })
    }
}
