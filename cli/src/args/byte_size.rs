//! Numbers of bytes as operators write them.

/// Bytes with a unit or without one; `None` for what is none.
pub(super) fn byte_size(text: &str) -> Option<u64> {
    const UNITS: [(&str, u32); 7] = [
        ("KiB", 10),
        ("MiB", 20),
        ("GiB", 30),
        ("Ki", 10),
        ("Mi", 20),
        ("Gi", 30),
        ("", 0),
    ];
    let mut units = UNITS.iter();
    let (number, bits) = units.find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, bits)))?;
    let number: u64 = number.trim_end().parse().ok()?;
    number.checked_mul(1 << bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_two_and_said_as_such() {
        for (text, bytes) in [
            ("0", 0),
            ("5000", 5000),
            ("100MiB", 100 << 20),
            ("2 Gi", 2 << 30),
            ("7Ki", 7 << 10),
        ] {
            assert_eq!(byte_size(text), Some(bytes), "{text}");
        }
        for text in ["", "MiB", "-1", "1.5GiB", "10 MB", "99999999999GiB", "5%"] {
            assert_eq!(byte_size(text), None, "{text}");
        }
    }
}
