//! Writes as a script for etcdctl: pure. Whatever bytes a key and a value are of, the script is plain ASCII.

use std::fmt::Write as _;

use client::{KeyChange, Write};

/// Before the first of them.
pub const SCRIPT_BEGIN: &str = r##"#!/bin/sh
# Puts keys back into etcd, each in a transaction of its own that writes it only if nobody has written it since it was looked at.
# etcdctl takes its flags as variables: ETCDCTL_ENDPOINTS, ETCDCTL_CACERT, ETCDCTL_CERT, ETCDCTL_KEY, ETCDCTL_USER.
set -eu
if [ "$(tail -n 1 "$0")" != '# The end.' ]; then
    echo "$0 is not whole: nothing was written" >&2
    exit 1
fi
export ETCDCTL_API=3
written=0
left=0
transaction() {
    said=$("${ETCDCTL:-etcdctl}" -w simple txn)
    case "$said" in
    SUCCESS*) written=$((written + 1)) ;;
    FAILURE*)
        echo "left as it is, since somebody has written it: $1" >&2
        left=$((left + 1))
        ;;
    *)
        echo "$1: this answer of etcdctl is not understood: $said" >&2
        exit 1
        ;;
    esac
}
"##;

/// After the last. A script without it was cut, and does nothing.
pub const SCRIPT_END: &str = r#"
echo "$written written, $left left as they are"
[ "$left" -eq 0 ]
# The end.
"#;

/// One of them.
pub fn scripted(write: &Write) -> String {
    let (key, seen) = (quoted(&write.key), write.seen);
    let done = match &write.change {
        // What begins with a dash is no flag.
        KeyChange::Put(value) => format!("put -- {key} {}", quoted(value)),
        KeyChange::Delete => format!("del -- {key}"),
    };
    format!("\ntransaction '{key}' <<'END'\nmod({key}) = \"{seen}\"\n\n{done}\n\n\nEND\n")
}

/// In quotes as Go has them, in which etcdctl takes any bytes; without a quote of the shell.
fn quoted(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(*byte));
            }
            b'\'' => quoted.push_str("\\x27"),
            b' '..=b'~' => quoted.push(char::from(*byte)),
            // Writing to a text does not fail.
            _ => drop(write!(quoted, "\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_plain_text() {
        assert_eq!(quoted(b"/a b$`!"), "\"/a b$`!\"");
        assert_eq!(quoted(b"\0\"\\'\n\xff"), r#""\x00\"\\\x27\x0a\xff""#);
        let delete = Write {
            key: b"-k".as_slice().into(),
            seen: 7,
            change: KeyChange::Delete,
        };
        let told = scripted(&delete);
        assert!(
            told.contains("mod(\"-k\") = \"7\"\n\ndel -- \"-k\"\n\n\nEND\n"),
            "{told}"
        );
    }
}
