use std::fmt;

use snapstore::Key;

/// Where epochs stand, below the prefix.
pub(super) const PLACE: &str = "fence/";

/// What stands beside an epoch whose owner has ended.
const RELEASED: &str = ".released";

/// The turn of one snapshotter. Later ones count more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The one after it.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Its object.
    pub(super) fn key(self) -> Result<Key, snapstore::KeyError> {
        Key::new(format!("{PLACE}{self}"))
    }

    /// What says that its owner has ended.
    pub(super) fn released(self) -> Result<Key, snapstore::KeyError> {
        Key::new(format!("{PLACE}{self}{RELEASED}"))
    }

    /// The epoch that an object is of, and whether it says that it was released.
    pub(super) fn of(key: &Key) -> Option<(Self, bool)> {
        let name = key.as_str().strip_prefix(PLACE)?;
        let (digits, is_released) = match name.strip_suffix(RELEASED) {
            Some(digits) => (digits, true),
            None => (name, false),
        };
        let is_canonical = digits.len() == 16
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = u64::from_str_radix(digits, 16).ok();
        Some((Self(number.filter(|_| is_canonical)?), is_released))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_read_as_it_is_written() {
        for epoch in [Epoch(0), Epoch(0x1f), Epoch(u64::MAX)] {
            assert_eq!(Epoch::of(&epoch.key().unwrap()), Some((epoch, false)));
            assert_eq!(Epoch::of(&epoch.released().unwrap()), Some((epoch, true)));
        }
        for other in [
            "fence/1f",
            "fence/000000000000001F",
            "fence/000000000000001f.json",
            "fence/x/000000000000001f",
            "v2/000000000000001f",
        ] {
            assert_eq!(Epoch::of(&Key::new(other).unwrap()), None, "{other}");
        }
    }
}
