//! Numbers for people.

use std::fmt::Display;

/// A number of bytes in the largest unit that leaves a whole part: `1.50 KiB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let unit = (count.ilog2() / 10).min(6);
    let scaled = count as f64 / (1_u64 << (10 * unit)) as f64;
    format!("{scaled:.2} {}", UNITS[unit as usize - 1])
}

/// A number of things, of which one is called otherwise than many.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let name = if count == N::from(1) { one } else { many };
    format!("{count} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_the_largest_that_leaves_a_whole_part() {
        let told = [0, 1023, 1024, 1536, 1 << 20, u64::MAX].map(bytes);
        let meant = [
            "0 B",
            "1023 B",
            "1.00 KiB",
            "1.50 KiB",
            "1.00 MiB",
            "16.00 EiB",
        ];
        assert_eq!(told, meant);
    }
}
