use bytes::Bytes;
use md5::{Digest, Md5};
use tokio::task::spawn_blocking;

/// Up to this many bytes it takes less time to hash than to ask another thread.
const SHORT: usize = 64 << 10;

/// The MD5 by which a provider knows whether what arrived is what was sent. It takes 9 ms for a part of
/// 5 MiB, so it is computed on a thread of its own, beside the other parts that are on their way.
pub async fn md5(data: &Bytes) -> [u8; 16] {
    if data.len() > SHORT {
        let data = data.clone();
        // It fails when the runtime is about to end, and this call with it.
        if let Ok(digest) = spawn_blocking(move || Md5::digest(&data)).await {
            return digest.into();
        }
    }
    Md5::digest(data).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321, A.5; and the same bytes on both sides of the bound.
    #[tokio::test]
    async fn long_and_short_bodies_have_the_same_digest() {
        let known = md5(&Bytes::from_static(b"message digest")).await;
        assert_eq!(
            u128::from_be_bytes(known),
            0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0
        );
        for length in [SHORT, SHORT + 1] {
            let body = Bytes::from(vec![7; length]);
            let direct: [u8; 16] = Md5::digest(&body).into();
            assert_eq!(md5(&body).await, direct);
        }
    }
}
