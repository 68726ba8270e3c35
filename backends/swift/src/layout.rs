//! Names in the container, as the reference lays them out.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use snapstore::{Error, ErrorKind, Key, Result};

/// Digits of a part's number.
const DIGITS: usize = 10;

/// What an address keeps as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// `name` for an address or a header.
pub(crate) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}

/// The name of part `number` (from 1) below `parts`, which ends in `/`.
pub(crate) fn part(parts: &str, number: u32) -> String {
    format!("{parts}{number:010}")
}

/// Whether `name` is that of a part. Nothing else may be called so, or a part of an upload whose
/// process died would look like a backup.
pub(crate) fn is_part(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.len() == DIGITS && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a part lies: its name up to and with the last `/`.
pub(crate) fn directory(part: &str) -> &str {
    &part[..part.rfind('/').map_or(0, |slash| slash + 1)]
}

/// Refuses keys that are names of parts.
pub(crate) fn check(operation: &'static str, key: &Key) -> Result<()> {
    if !is_part(key.as_str()) {
        return Ok(());
    }
    let message = "names of ten digits are the parts of large objects in Swift";
    Err(Error::new(ErrorKind::Config, operation, message).with_key(key))
}

/// The value of `X-Object-Manifest`: container and prefix of the parts.
///
/// The reference leaves out the slash at the end, with which `NAME` would also take in the parts
/// of `NAME2`. Both read either.
pub(crate) fn manifest(container: &str, parts: &str) -> String {
    format!("{}/{}", encoded(container), encoded(parts))
}

/// The prefix of the parts in `container` that a manifest names; `None` if they are elsewhere.
/// Always ends in `/`.
pub(crate) fn parts_of_manifest(container: &str, manifest: &str) -> Option<String> {
    let (place, prefix) = manifest.split_once('/')?;
    let place = percent_decode_str(place).decode_utf8().ok()?;
    let prefix = percent_decode_str(prefix).decode_utf8().ok()?;
    let prefix = prefix.trim_end_matches('/');
    (place == container && !prefix.is_empty()).then(|| format!("{prefix}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_as_the_reference_names_them() {
        let name = part("p/v2/Full-00000000-00000007-1.gz/", 12);
        assert_eq!(name, "p/v2/Full-00000000-00000007-1.gz/0000000012");
        assert!(is_part(&name));
        for other in [
            "v2/Full-00000000-00000007-1.gz",
            "12",
            "00000000012",
            "a/b000000001",
        ] {
            assert!(!is_part(other), "{other}");
        }
        assert_eq!(directory(&name), "p/v2/Full-00000000-00000007-1.gz/");
        assert!(check("put", &Key::new("v2/x/0000000001").unwrap()).is_err());
    }

    #[test]
    fn a_manifest_of_the_reference_names_the_same_parts() {
        let ours = manifest("backups", "p q/v2/F/");
        assert_eq!(ours, "backups/p%20q/v2/F/");
        let parts = Some("p q/v2/F/".to_owned());
        assert_eq!(parts_of_manifest("backups", &ours), parts);
        assert_eq!(parts_of_manifest("backups", "backups/p q/v2/F"), parts);
        assert_eq!(parts_of_manifest("backups", "other/p/F"), None);
        assert_eq!(parts_of_manifest("backups", "backups/"), None);
    }
}
