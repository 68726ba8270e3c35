//! XML of a provider, checked against what was asked for.
//!
//! Parsers that look for what they know take half a document for a short one, and a page of a proxy
//! for an empty one. S3 itself has sent both with status 200 (`ListObjectsV2` in the API reference
//! says that a 200 may hold XML that is not valid). A document counts when it was read to its end
//! and its root is the one that the request is answered with.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use snapstore::{Error, Result, excerpt, printable};

use crate::http::odd;

/// What stands in the root of a document, and in its children.
#[derive(Debug, Default)]
pub struct Document {
    operation: &'static str,
    root: String,
    attributes: HashMap<String, String>,
    /// By the path below the root (`Contents`, `Blobs/Blob`), no deeper than two.
    found: HashMap<String, Found>,
}

#[derive(Debug, Default)]
struct Found {
    count: usize,
    /// Of the last one.
    text: String,
}

/// How deep elements are looked at below the root.
const DEEP: usize = 2;

impl Document {
    /// Reads `body` to its end. `roots`: what the answer to `operation` may be called.
    ///
    /// Errors: `Unexpected` and retryable for anything but a whole document of that name, with the
    /// beginning of what came.
    pub fn read(operation: &'static str, body: &[u8], roots: &[&str]) -> Result<Self> {
        let wrong = |what: &str| {
            let expected = roots.join(" or ");
            let came = excerpt(body);
            odd(
                operation,
                format!("{expected} was expected: {what}; it was {came}"),
            )
        };
        let document = whole(body).map_err(|fault| wrong(&fault))?;
        if !roots.contains(&document.root.as_str()) {
            let root = printable(&document.root);
            return Err(wrong(&format!("its root is {root}")));
        }
        Ok(Self {
            operation,
            ..document
        })
    }

    /// The name of the root, without its namespace.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// How many elements stand at `path`.
    pub fn count(&self, path: &str) -> usize {
        self.found.get(path).map_or(0, |found| found.count)
    }

    /// The text of the element at `path`, if there is one.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.found.get(path).map(|found| found.text.as_str())
    }

    /// The value of an attribute of the root.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// `true` or `false` at `path`, where no answer leaves it out: it says whether a listing ends.
    ///
    /// Errors: `Unexpected` and retryable for anything else.
    pub fn flag(&self, path: &str) -> Result<bool> {
        match self.text(path) {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            other => Err(self.odd(&format!("{path} is {}", shown(other)))),
        }
    }

    /// What the answer says of the question at `path` must be what was asked. Many leave it out, and
    /// some spell it as in an address.
    ///
    /// Errors: `Unexpected` and retryable: this is the answer to another question.
    pub fn echoes(&self, path: &str, asked: &str) -> Result<()> {
        match self.text(path) {
            Some(told) if !told.is_empty() => self.agrees(path, told, asked),
            _ => Ok(()),
        }
    }

    /// `told`, which stands at `path`, must be `asked`. Errors as [`Document::echoes`].
    pub fn agrees(&self, path: &str, told: &str, asked: &str) -> Result<()> {
        let decoded = percent_decode_str(told).decode_utf8_lossy();
        if told == asked || decoded == asked {
            return Ok(());
        }
        let asked = shown(Some(asked));
        let what = format!("it is about the {path} {}, not {asked}", shown(Some(told)));
        Err(self.odd(&what))
    }

    /// There must be as many elements at `path` as the parser of the entries has found.
    ///
    /// Errors: `Unexpected` and retryable: some were not understood.
    pub fn holds(&self, path: &str, understood: usize) -> Result<()> {
        match self.count(path) {
            count if count == understood => Ok(()),
            count => Err(self.odd(&format!("{understood} of {count} {path} were understood"))),
        }
    }

    fn odd(&self, what: &str) -> Error {
        odd(self.operation, what)
    }
}

/// The first entry of a listing whose time is not `fine`, in a body that a parser of its own refuses for
/// it without saying where. `tags`: of its name and of its time, which comes after it.
pub fn undated<'a>(
    body: &'a str,
    tags: (&str, &str),
    fine: impl Fn(&str) -> bool,
) -> Option<&'a str> {
    let between = |text: &'a str, tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once(&format!("</{tag}>")).map(|(text, _)| text)
    };
    let mut rest = body;
    while let Some(name) = between(rest, tags.0) {
        let end = format!("</{}>", tags.0);
        rest = rest.split_once(&end).map_or("", |(_, rest)| rest);
        // Up to the next name.
        let next = format!("<{}>", tags.0);
        let entry = rest.split_once(&next).map_or(rest, |(entry, _)| entry);
        if !between(entry, tags.1).is_some_and(&fine) {
            return Some(name);
        }
    }
    None
}

fn shown(value: Option<&str>) -> String {
    match value {
        None => "missing".to_owned(),
        Some(value) => {
            let value: String = value.chars().take(200).collect();
            format!("\"{}\"", printable(&value))
        }
    }
}

/// The document, if it is one from its first byte to its last.
fn whole(body: &[u8]) -> std::result::Result<Document, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = Reader::from_reader(body);
    let mut document = Document::default();
    let mut path: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => {
                let name = local(start.local_name().as_ref());
                if path.is_empty() {
                    document.begin(&name, &start)?;
                }
                path.push(name);
                document.enter(&path);
            }
            Event::Empty(start) => {
                let name = local(start.local_name().as_ref());
                if path.is_empty() {
                    document.begin(&name, &start)?;
                }
                path.push(name);
                document.enter(&path);
                path.pop();
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Text(text) => {
                let text = text.decode().map_err(|error| error.to_string())?;
                document.text_in(&path, &text)?;
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|error| error.to_string())?;
                document.text_in(&path, &text)?;
            }
            Event::GeneralRef(entity) => document.text_in(&path, &resolved(&entity)?)?,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::DocType(_) => return Err("it is a document of another kind".to_owned()),
            Event::Eof if !path.is_empty() => {
                return Err(format!("it ends inside of {}", printable(&path.join("/"))));
            }
            Event::Eof if document.root.is_empty() => return Err("it has no element".to_owned()),
            Event::Eof => return Ok(document),
        }
    }
}

fn local(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

fn resolved(entity: &BytesRef<'_>) -> std::result::Result<String, String> {
    if let Some(character) = entity
        .resolve_char_ref()
        .map_err(|error| error.to_string())?
    {
        return Ok(character.to_string());
    }
    let name = entity.decode().map_err(|error| error.to_string())?;
    match quick_xml::escape::resolve_predefined_entity(&name) {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("it has an entity &{};", printable(&name))),
    }
}

impl Document {
    fn begin(
        &mut self,
        name: &str,
        start: &quick_xml::events::BytesStart<'_>,
    ) -> std::result::Result<(), String> {
        if !self.root.is_empty() {
            return Err("there is a second document after it".to_owned());
        }
        self.root = name.to_owned();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = String::from_utf8_lossy(&attribute.value);
            let value = quick_xml::escape::unescape(&value).map_err(|error| error.to_string())?;
            let name = local(attribute.key.as_ref());
            self.attributes.insert(name, value.into_owned());
        }
        Ok(())
    }

    fn enter(&mut self, path: &[String]) {
        if let Some(found) = self.at(path) {
            found.count += 1;
            found.text.clear();
        }
    }

    fn text_in(&mut self, path: &[String], text: &str) -> std::result::Result<(), String> {
        if path.is_empty() && !text.trim().is_empty() {
            return Err("there is text outside of it".to_owned());
        }
        if let Some(found) = self.at(path) {
            found.text.push_str(text);
        }
        Ok(())
    }

    fn at(&mut self, path: &[String]) -> Option<&mut Found> {
        let [_, below @ ..] = path else { return None };
        let near = !below.is_empty() && below.len() <= DEEP;
        near.then(|| self.found.entry(below.join("/")).or_default())
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
