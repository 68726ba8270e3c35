use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Bytes that are asked for at once.
const STEP: usize = 1 << 20;

/// Does `work`, which reads all of `file` in the order of a tree, while the file is read from its
/// beginning to its end beside it. A tree leads to and fro, and a disk that is asked for one page
/// after the other gives half of what it gives in sequence.
///
/// It is opened again for that: the system keeps one guess for each open file of what is read next.
pub(super) fn read_ahead<T>(file: &Path, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // Nothing depends on it: without a thread the work is only slower.
        let _ = thread::Builder::new().spawn_scoped(scope, || {
            let Ok(file) = File::open(file) else { return };
            let (mut buffer, mut at) = (vec![0; STEP], 0);
            while !done.load(Ordering::Relaxed) {
                match file.read_at(&mut buffer, at) {
                    // What cannot be read is told by who needs it.
                    Ok(0) | Err(_) => return,
                    Ok(read) => at += read as u64,
                }
            }
        });
        let worked = work();
        done.store(true, Ordering::Relaxed);
        worked
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that went on after its work was done would hold a validation up.
    #[test]
    fn it_ends_with_the_work_and_with_the_file() {
        for path in ["/dev/zero", "/dev/null", "/dev/none"] {
            assert_eq!(read_ahead(Path::new(path), || 7), 7);
        }
    }
}
