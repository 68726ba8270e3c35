/// What to do when an object with that key is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PutMode {
    /// Leave it and answer `AlreadyExists`. The default: a backup is written once.
    #[default]
    CreateNew,
    /// Replace it.
    Overwrite,
}

/// How to store an object. Non-exhaustive in spirit: build it with `..PutOptions::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOptions {
    /// What to do when the key is taken.
    pub mode: PutMode,
}

impl PutOptions {
    /// Replaces what is there.
    pub fn overwrite() -> Self {
        Self {
            mode: PutMode::Overwrite,
        }
    }
}
