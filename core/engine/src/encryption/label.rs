//! What is stored says in its header with which key it is encrypted and what it is. Other programs that know the format pass over it:
//! it stands there as a recipient of a kind that they do not know (c2sp.org/age, "Recipient stanza").

use std::collections::HashSet;

use age::{EncryptError, Recipient};
use age_core::format::{FileKey, Stanza};

use super::key_id::KeyId;

/// The kind of the stanza.
pub(super) const TAG: &str = "etcdbr";

/// Encrypts for a key, and says which and what.
pub(super) struct Labelled<'a> {
    pub(super) key: &'a KeyId,
    /// Its public half.
    pub(super) public: age::x25519::Recipient,
    /// The name of what is encrypted, less its suffix.
    pub(super) name: &'a str,
}

impl Recipient for Labelled<'_> {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (mut stanzas, labels) = self.public.wrap_file_key(file_key)?;
        stanzas.push(Stanza {
            tag: TAG.to_owned(),
            args: vec![self.key.to_string(), self.name.to_owned()],
            body: Vec::new(),
        });
        Ok((stanzas, labels))
    }
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Label {
    /// With which key, and what.
    Of(KeyId, String),
    /// Nothing: another program wrote it.
    None,
    /// Something that is no label, or two of them.
    Spoilt,
}

impl Label {
    pub(super) fn of(stanzas: &[Stanza]) -> Self {
        let mut labels = stanzas.iter().filter(|stanza| stanza.tag == TAG);
        match (labels.next(), labels.next()) {
            (None, _) => Self::None,
            (Some(label), None) => match label.args.as_slice() {
                [id, name] => id
                    .parse()
                    .map_or(Self::Spoilt, |id| Self::Of(id, name.clone())),
                _ => Self::Spoilt,
            },
            (Some(_), Some(_)) => Self::Spoilt,
        }
    }
}
