use std::fmt::{self, Write as _};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value of YAML, with the order of its mappings. Integers stay integers: those of etcd (quotas) are larger than a
/// float counts exactly.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// What it is, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// Writes it in the flow style, on one line. Texts are quoted always: what a text looks like (`yes`, `1e3`)
    /// means different things to different readers of YAML, and etcd reads it by YAML 1.1.
    pub(super) fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Boolean(value) => {
                let _ = write!(to, "{value}");
            }
            Self::Integer(value) => {
                let _ = write!(to, "{value}");
            }
            Self::Float(value) => write_float(*value, to),
            Self::Text(text) => write_text(text, to),
            Self::List(items) => {
                let mut between = "[";
                for item in items {
                    to.push_str(between);
                    item.write(to);
                    between = ", ";
                }
                to.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Map(entries) => {
                let mut between = "{";
                for (key, value) in entries {
                    to.push_str(between);
                    write_text(key, to);
                    to.push_str(": ");
                    value.write(to);
                    between = ", ";
                }
                to.push_str(if entries.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

fn write_float(value: f64, to: &mut String) {
    let _ = match value {
        value if value.is_nan() => write!(to, ".nan"),
        value if value == f64::INFINITY => write!(to, ".inf"),
        value if value == f64::NEG_INFINITY => write!(to, "-.inf"),
        // With a point or an exponent: it stays a float.
        value => write!(to, "{value:?}"),
    };
}

/// In double quotes. Whatever is not plain ASCII is written by its number, which every reader takes.
pub(super) fn write_text(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' => write!(to, "\\\""),
            '\\' => write!(to, "\\\\"),
            ' '..='~' => write!(to, "{c}"),
            c if u32::from(c) <= 0xffff => write!(to, "\\u{:04x}", u32::from(c)),
            c => write!(to, "\\U{:08x}", u32::from(c)),
        };
    }
    to.push('"');
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Node, D::Error> {
        Node::deserialize(from)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = from.next_key::<String>()? {
            entries.push((key, from.next_value()?));
        }
        Ok(Node::Map(entries))
    }
}
