//! Small objects that unfold: what a restore holds of them stays inside the memory that it promises,
//! measured by the system as the peak of the process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use wait4::Wait4;

const MIB: usize = 1 << 20;

/// What docs/benchmarks.md promises, in bytes.
const PROMISED: u64 = 256 << 20;

const PAGE: usize = 4096;

/// Compresses what is written, and the SHA-256 of it at the end.
struct Object {
    file: GzEncoder<File>,
    hash: Sha256,
}

impl Object {
    fn create(store: &Path, name: &str) -> Self {
        fs::create_dir_all(store.join("v2")).unwrap();
        let file = File::create(store.join("v2").join(name)).unwrap();
        Self {
            file: GzEncoder::new(file, Compression::fast()),
            hash: Sha256::new(),
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.file.write_all(bytes).unwrap();
    }

    fn fill(&mut self, byte: u8, mut length: usize) {
        let piece = vec![byte; MIB];
        while length > 0 {
            let count = length.min(MIB);
            self.push(&piece[..count]);
            length -= count;
        }
    }

    fn finish(mut self) {
        let hash = self.hash.finalize();
        self.file.write_all(&hash).unwrap();
        self.file.finish().unwrap();
    }
}

/// Exit code, standard error and peak in bytes of `etcdbrctl verify`.
fn verify(store: &Path) -> (Option<i32>, String, u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
        .env_clear()
        .args(["verify", "--store-container"])
        .arg(store)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = String::new();
    let mut pipe = child.stderr.take().unwrap();
    pipe.read_to_string(&mut stderr).unwrap();
    let used = child.wait4().unwrap();
    (used.status.code(), stderr, used.rusage.maxrss)
}

/// A meta page of a database of so many pages, as bbolt writes it.
fn meta(number: u64, pages: u64) -> Vec<u8> {
    let mut page = Vec::new();
    page.extend(number.to_le_bytes());
    page.extend([4, 0, 0, 0, 0, 0, 0, 0]);
    let mut body = Vec::new();
    for word in [0xED0C_DAED_u32, 2, PAGE as u32, 0] {
        body.extend(word.to_le_bytes());
    }
    for word in [2, 0, u64::MAX, pages, 2 - number] {
        body.extend(word.to_le_bytes());
    }
    let sum = body.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    page.extend(body);
    page.extend(sum.to_le_bytes());
    page.resize(PAGE, 0);
    page
}

/// The root page claimed the whole file as its own, and was read at once: 2 GiB out of 2 MB.
#[test]
fn a_page_that_claims_the_whole_file_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let pages = (320 * MIB / PAGE) as u64;
    let mut full = Object::create(room.path(), "Full-00000000-00000002-1700000000.gz");
    full.push(&meta(0, pages));
    full.push(&meta(1, pages));
    let mut root = Vec::new();
    root.extend(2_u64.to_le_bytes());
    root.extend([2, 0, 0, 0]);
    root.extend((pages as u32 - 3).to_le_bytes());
    root.resize(PAGE, 0);
    full.push(&root);
    full.fill(0, (pages as usize - 3) * PAGE);
    full.finish();
    let (code, told, peak) = verify(room.path());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("the most that is read of one page"), "{told}");
    assert!(peak < PROMISED, "{peak} bytes: {told}");
}

/// Six deltas with one event each, of so many bytes.
fn deltas(store: &Path, length: usize) {
    for revision in 2..8 {
        let name = format!("Incr-{revision:08}-{revision:08}-170000000{revision}.gz");
        let mut delta = Object::create(store, &name);
        let head = format!(
            r#"[{{"etcdEvent":{{"kv":{{"key":"aaa{revision}","create_revision":{revision},"mod_revision":{revision},"version":1,"value":""#
        );
        delta.push(head.as_bytes());
        delta.fill(b'A', length);
        delta.push(br#""}},"time":"2026-01-01T00:00:00Z"}]"#);
        delta.finish();
    }
}

/// Events of 120 MiB were read, six at once, outside the budget of what may be decoded ahead: 1.6 GiB out
/// of 730 KB.
#[test]
fn an_event_of_any_length_is_refused() {
    let room = tempfile::tempdir().unwrap();
    deltas(room.path(), 120 * MIB);
    let (code, told, peak) = verify(room.path());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("one event is longer than"), "{told}");
    assert!(peak < PROMISED, "{peak} bytes: {told}");
}

/// Those that etcd may have written after all are read one after the other.
#[test]
fn long_events_are_held_one_at_a_time() {
    let room = tempfile::tempdir().unwrap();
    deltas(room.path(), 24 * MIB);
    let (code, told, peak) = verify(room.path());
    assert_eq!(code, Some(0), "{told}");
    assert!(peak < PROMISED, "{peak} bytes: {told}");
}
