use fastrand::Rng;

use crate::etcd::Bytes;

/// The keys of a history: few, so that they live several lives, and of any bytes.
#[derive(Debug)]
pub(super) struct Keys {
    pool: Vec<Bytes>,
}

/// The longest value, in bytes. A request of etcd ends at 1.5 MiB.
const LONGEST: usize = 1_400_000;

impl Keys {
    pub(super) fn random(rng: &mut Rng) -> Self {
        let mut pool: Vec<Bytes> = [&b"\0"[..], b"\0\0", b"\xff", b"\xff\xff\xff", b"a", b"a\0"]
            .map(Bytes::from)
            .to_vec();
        let count = rng.usize(10..80);
        pool.extend((0..count).map(|_| Self::key(rng)));
        Self { pool }
    }

    fn key(rng: &mut Rng) -> Bytes {
        match rng.u32(0..10) {
            0..5 => format!("/registry/{}/{}", rng.u32(0..5), rng.u32(0..20)).into(),
            5..9 => bytes(rng, 1..20),
            _ => bytes(rng, 500..5000),
        }
    }

    pub(super) fn one(&self, rng: &mut Rng) -> Bytes {
        rng.choice(&self.pool).cloned().unwrap_or_default()
    }

    /// So many different ones.
    pub(super) fn some(&self, rng: &mut Rng, count: usize) -> Vec<Bytes> {
        let mut keys = self.pool.clone();
        keys.sort_unstable();
        keys.dedup();
        rng.shuffle(&mut keys);
        keys.truncate(count);
        keys
    }

    pub(super) fn value(rng: &mut Rng) -> Bytes {
        match rng.u32(0..200) {
            0..20 => Bytes::default(),
            20..180 => bytes(rng, 1..300),
            180..190 => bytes(rng, 300..5000),
            190..199 => bytes(rng, 5000..60_000),
            _ => bytes(rng, 60_000..LONGEST),
        }
    }
}

fn bytes(rng: &mut Rng, length: std::ops::Range<usize>) -> Bytes {
    let mut bytes = vec![0; rng.usize(length)];
    rng.fill(&mut bytes);
    Bytes(bytes)
}
