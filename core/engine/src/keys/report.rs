use serde::Serialize;

/// Who reads what is rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// One of the identities of the session opens it.
    Ours,
    /// They may all be others, whose identities nobody here has.
    Others,
}

/// Whether anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is: the report says what would be.
    DryRun,
    /// It is.
    Apply,
}

/// Whether a key opens by the identities that were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// It does.
    Yes,
    /// It does not: `why` says more.
    No,
    /// No identity was given.
    Unknown,
}

/// The keys of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Where they are.
    pub location: String,
    /// One line for each.
    pub keys: Vec<KeyLine>,
    /// Objects that are encrypted, and whose key is not in the store or is not known.
    pub without_key: Vec<Found>,
    /// Snapshots that are not encrypted.
    pub plain: usize,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyLine {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub key: String,
    /// For how many recipients it is encrypted; which they are, age does not tell.
    pub recipients: Option<usize>,
    /// Whether it opens.
    pub opens: Opens,
    /// Why it does not.
    pub why: Option<String>,
    /// How many objects need it.
    pub objects: usize,
    /// The fulls among them.
    pub fulls: Vec<String>,
}

/// Something about an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Which object.
    pub object: String,
    /// What.
    pub why: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Where the keys are.
    pub location: String,
    /// Keys that are there and open.
    pub keys: usize,
    /// Objects that were read to their end.
    pub read: Vec<String>,
    /// Objects that need one of those keys.
    pub objects: usize,
    /// What cannot be read, and why. Nothing here means that all encrypted objects have their key, and that the newest of each
    /// key decrypts.
    pub failed: Vec<Found>,
    /// Snapshots that are not encrypted.
    pub plain: usize,
}

/// What a rotation did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// Where the keys are.
    pub location: String,
    /// Whether nothing was changed on purpose.
    pub dry_run: bool,
    /// For how many recipients they are now, or would be.
    pub recipients: usize,
    /// One line for each key.
    pub keys: Vec<RotatedKey>,
    /// Keys that are as they were and should not be.
    pub failed: usize,
}

/// What became of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RotatedKey {
    /// Where it stands.
    pub key: String,
    /// What became of it.
    pub outcome: Turned,
    /// Why, where it failed.
    pub why: Option<String>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Turned {
    /// It is for the new recipients.
    Rotated,
    /// It would be.
    WouldRotate,
    /// It is as it was.
    Failed,
}
