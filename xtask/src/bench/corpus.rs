/// A backup made for measuring.
pub(super) struct Corpus {
    pub(super) name: &'static str,
    /// What stands in the table.
    pub(super) words: &'static str,
    /// Keys that the full holds, one revision each.
    pub(super) full_keys: u64,
    /// Keys that the deltas write, round and round.
    pub(super) keys: u64,
    /// Revisions in deltas.
    pub(super) revisions: u64,
    /// Bytes of a value.
    pub(super) value: usize,
    /// Revisions of one delta.
    pub(super) per_delta: u64,
}

pub(super) const CORPORA: [Corpus; 4] = [
    Corpus {
        name: "150k",
        words: "150,000 revisions of 1 KiB over 20,000 keys, 22 deltas",
        full_keys: 100,
        keys: 20_000,
        revisions: 150_000,
        value: 1024,
        per_delta: 6_819,
    },
    Corpus {
        name: "1m",
        words: "1 M revisions of 256 B over 1 M keys",
        full_keys: 100,
        keys: 1_000_000,
        revisions: 1_000_000,
        value: 256,
        per_delta: 20_000,
    },
    Corpus {
        name: "10m",
        words: "10 M revisions of 256 B over 1 M keys",
        full_keys: 100,
        keys: 1_000_000,
        revisions: 10_000_000,
        value: 256,
        per_delta: 20_000,
    },
    Corpus {
        name: "full2g",
        words: "a full of 2 GiB, no deltas",
        full_keys: 1_850_000,
        keys: 0,
        revisions: 0,
        value: 1024,
        per_delta: 0,
    },
];

impl Corpus {
    /// The key that write number `n` touches.
    pub(super) fn key(&self, n: u64) -> String {
        format!("/registry/pods/ns-{:03}/pod-{:07}", n % 1000, n)
    }

    /// A value of which about half can be compressed away, as of Kubernetes objects.
    pub(super) fn fill(&self, n: u64, value: &mut Vec<u8>) {
        value.clear();
        let mut random = fastrand::Rng::with_seed(n);
        while value.len() < self.value / 2 {
            value.extend_from_slice(&random.u64(..).to_le_bytes());
        }
        while value.len() < self.value {
            value.extend_from_slice(b"{\"kind\":\"Pod\",\"ns\":\"kube-system\"}");
        }
        value.truncate(self.value);
    }
}
