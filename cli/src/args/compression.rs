use clap::ValueEnum;
use engine::backups::Compression;

/// Compression by the names of the reference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyName {
    /// As gzip and pigz do
    #[default]
    Gzip,
    /// The same without gzip's header
    Zlib,
    /// Slow and large; for stores that hold such
    Lzw,
    /// Faster and smaller than gzip; etcd-backup-restore cannot read it
    Zstd,
}

impl PolicyName {
    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::Gzip => Compression::Gzip,
            Self::Zlib => Compression::Zlib,
            Self::Lzw => Compression::Lzw,
            Self::Zstd => Compression::Zstd,
        }
    }
}
