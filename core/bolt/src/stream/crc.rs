//! CRC-32C of two pieces that stand one after the other, from those of each.
//!
//! crc(A‖B) = crc(A) · x^(8·len B) mod P xor crc(B), in the ring of polynomials over GF(2) (Mark Adler, zlib's
//! `crc32_combine`). The crate `crc32c` has it too, by squaring matrices: 5.8 µs where this takes 0.2, and there
//! is one for each leaf.

/// P without x^32, lowest power in the highest bit (RFC 3720, B.4).
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// x^(8·2^k) mod P.
const POWERS: [u32; 32] = powers();

const fn powers() -> [u32; 32] {
    let mut powers = [0; 32];
    // x^8.
    let mut power = 1 << (31 - 8);
    let mut at = 0;
    while at < 32 {
        powers[at] = power;
        power = product(power, power);
        at += 1;
    }
    powers
}

/// a·b mod P.
const fn product(a: u32, mut b: u32) -> u32 {
    let mut sum = 0;
    let mut bit = 1 << 31;
    while bit != 0 {
        if a & bit != 0 {
            sum ^= b;
        }
        b = (b >> 1) ^ (if b & 1 == 1 { POLYNOMIAL } else { 0 });
        bit >>= 1;
    }
    sum
}

/// The CRC of what has `before` with `length` bytes after it that have `after`.
pub(super) fn combine(before: u32, after: u32, length: u32) -> u32 {
    let powers = POWERS.iter().enumerate();
    let shifted = powers
        .filter(|(bit, _)| length >> bit & 1 == 1)
        .fold(before, |crc, (_, power)| product(*power, crc));
    shifted ^ after
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn two_pieces_have_the_crc_of_the_whole(a in prop::collection::vec(any::<u8>(), 0..300), b in prop::collection::vec(any::<u8>(), 0..3000)) {
            let whole = crc32c::crc32c(&[&a[..], &b].concat());
            let (before, after) = (crc32c::crc32c(&a), crc32c::crc32c(&b));
            prop_assert_eq!(combine(before, after, b.len() as u32), whole);
        }
    }

    #[test]
    fn long_pieces_too() {
        let zeros = vec![0_u8; 5 << 20];
        let (before, after) = (crc32c::crc32c(b"123456789"), crc32c::crc32c(&zeros));
        let whole = crc32c::crc32c_append(before, &zeros);
        assert_eq!(before, 0xE306_9283);
        assert_eq!(combine(before, after, 5 << 20), whole);
    }
}
