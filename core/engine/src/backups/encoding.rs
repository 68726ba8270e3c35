use super::compression::Compression;
use crate::encryption::Keyring;

/// The end of the name of what is encrypted. etcd-backup-restore cannot read it, and says so.
const ENCRYPTED: &str = ".age";

/// What became of the content of an object, as far as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// It is compressed, or not.
    Plain(Compression),
    /// It is encrypted; how it was compressed before that, its first bytes say.
    Encrypted,
}

impl Encoding {
    /// All that an object of a store may have.
    pub const ALL: [Self; 6] = [
        Self::Plain(Compression::None),
        Self::Plain(Compression::Gzip),
        Self::Plain(Compression::Zlib),
        Self::Plain(Compression::Lzw),
        Self::Plain(Compression::Zstd),
        Self::Encrypted,
    ];

    /// What is written where content is compressed so: encrypted, if there is somebody to encrypt for.
    pub fn written(compression: Compression, keys: &Keyring) -> Self {
        match keys.encrypts() {
            true => Self::Encrypted,
            false => Self::Plain(compression),
        }
    }

    /// The end of the name, with its dot.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Plain(compression) => compression.suffix(),
            Self::Encrypted => ENCRYPTED,
        }
    }

    /// The encoding of a suffix.
    pub fn from_suffix(suffix: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.suffix() == suffix)
    }

    /// Its name in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain(compression) => compression.word(),
            Self::Encrypted => "encrypted",
        }
    }

    /// How it is compressed, where that is all that became of it.
    pub fn plain(self) -> Option<Compression> {
        match self {
            Self::Plain(compression) => Some(compression),
            Self::Encrypted => None,
        }
    }

    /// Whether it is encrypted.
    pub fn is_encrypted(self) -> bool {
        self == Self::Encrypted
    }
}

impl From<Compression> for Encoding {
    fn from(compression: Compression) -> Self {
        Self::Plain(compression)
    }
}
