//! The body of the fuzz target of `cli/fuzz` over a fixed number of mutated files, on stable Rust.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use fastrand::Rng;
use testkit::mutated::mutated;

use super::config_file::parse;

const MUTATIONS: u64 = 20_000;

/// As the reference's documentation writes them.
const FILES: [&str; 2] = [
    "etcdConnectionConfig:\n  endpoints:\n  - http://a:2379\n  - http://b:2379\n  username: root\n  password: hunter2\n\
     \x20 connectionTimeout: 30s\nserverConfig:\n  port: 8080\n  server-cert: \"\"\nsnapshotterConfig:\n\
     \x20 schedule: '* */1 * * *'\n  deltaSnapshotMemoryLimit: 104857600\nuseEtcdWrapper: yes\n",
    "snapstoreConfig: {provider: S3, container: b, prefix: \"\"}\nsecondarySnapstoreConfig: {storeConfig: {provider: Local}, syncPeriod: 2h}\n\
     restorationConfig:\n  initialAdvertisePeerURLs: [http://a:2380]\n  embeddedEtcdQuotaBytes: 8589934592\n",
];

const WORDS: [&str; 17] = [
    ": ",
    "\n- ",
    "\n  ",
    "&a ",
    "*a",
    "{",
    "}",
    "[",
    "]",
    "|\n",
    "---\n",
    "!!binary ",
    "\t",
    "\u{0}",
    "1e400",
    "9223372036854775808",
    "--data-dir=/",
];

#[test]
fn mutated_files_are_read_without_a_panic() {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..MUTATIONS {
        let mut random = Rng::with_seed(seed);
        let file = random.choice(FILES).unwrap_or_default();
        let bytes = mutated(file.as_bytes(), &WORDS, &mut random);
        let words = |text: &str| parse(text).map(|found| found.words);
        match bodies::config_file(&bytes, words) {
            Some(_) => read += 1,
            None => refused += 1,
        }
    }
    assert!(
        read > 1000 && refused > 1000,
        "{read} read, {refused} refused"
    );
}
