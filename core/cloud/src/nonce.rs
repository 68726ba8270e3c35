/// A name that nobody else chooses: 128 random bits as 32 hexadecimal digits. For what two writers
/// of the same object must not share, as the parts of their uploads. No secret.
pub fn nonce() -> String {
    format!("{:032x}", fastrand::u128(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let (one, other) = (nonce(), nonce());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
