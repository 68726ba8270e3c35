//! Names of the form `%016x-%016x` with a suffix. Which number comes first differs: a WAL
//! file has sequence then index, a snapshot term then index.

/// The two numbers of `name`, if it is exactly what etcd would print.
pub(crate) fn parse(name: &str, suffix: &str) -> Option<(u64, u64)> {
    let (first, second) = name.strip_suffix(suffix)?.split_once('-')?;
    Some((parse_hex(first)?, parse_hex(second)?))
}

/// Prints what [`parse`] reads.
pub(crate) fn format(first: u64, second: u64, suffix: &str) -> String {
    format!("{first:016x}-{second:016x}{suffix}")
}

fn parse_hex(digits: &str) -> Option<u64> {
    let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if digits.len() != 16 || !digits.bytes().all(lower_hex) {
        return None;
    }
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_etcd_prints_is_read() {
        let name = format(1, 0xabc, ".wal");
        assert_eq!(name, "0000000000000001-0000000000000abc.wal");
        assert_eq!(parse(&name, ".wal"), Some((1, 0xabc)));
        for other in [
            "0000000000000001-0000000000000ABC.wal",
            "+000000000000001-0000000000000abc.wal",
            "1-abc.wal",
            "0000000000000001-0000000000000abc.snap",
            "0000000000000001-0000000000000abc.wal.broken",
            "0000000000000001-0000000000000abc-1.wal",
        ] {
            assert_eq!(parse(other, ".wal"), None, "{other}");
        }
    }
}
