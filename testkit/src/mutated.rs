//! Bytes that are almost what they should be.

use fastrand::Rng;

/// `seed` with up to four changes: bits, bytes, what is left out, what comes twice, and `words` of its language where they do
/// not belong.
pub fn mutated(seed: &[u8], words: &[&str], random: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..random.u8(..5) {
        mutate(&mut bytes, words, random);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, words: &[&str], random: &mut Rng) {
    let at = random.usize(..=bytes.len());
    let to = (at + random.usize(..40)).min(bytes.len());
    match random.u8(..8) {
        0..2 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
        2 if at < bytes.len() => bytes[at] = random.u8(..),
        3 => drop(bytes.drain(at..to)),
        4 | 5 => {
            let word = random.choice(words).copied().unwrap_or_default();
            let over = if random.bool() { to } else { at };
            bytes.splice(at..over, word.bytes());
        }
        6 => {
            let again = bytes[at..to].to_vec();
            let behind = random.usize(..=bytes.len());
            bytes.splice(behind..behind, again);
        }
        _ if random.u8(..20) == 0 => bytes.truncate(at),
        _ => {}
    }
}
