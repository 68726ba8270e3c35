use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bolt::Db;
use etcd::data_dir::{DB, SNAP, WAL};
use etcd::store_state::{StoreState, members};
use etcd::wal::{Files, Log, SegmentName};

/// A part of a member's files: where a blow falls.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// As the table calls it.
    pub(crate) name: &'static str,
    /// Relative to the data directory.
    pub(crate) file: PathBuf,
    /// Bytes of the file.
    pub(crate) bytes: Range<usize>,
    /// Bytes of the same kind, to be swapped with: in the same file, or another.
    pub(crate) other: (PathBuf, Range<usize>),
    /// The byte of the part of which a bit is flipped.
    pub(crate) flipped: usize,
}

/// A frame in the middle of the log of the member in `dir`, and the last one: the file, relative to
/// `dir`, and their bytes.
pub(crate) fn find_frames(dir: &Path) -> (PathBuf, [Range<usize>; 2]) {
    let [_, middle, tail] = log(dir);
    (middle.file, [middle.bytes, tail.bytes])
}

/// All parts of the member in `dir`.
pub(crate) fn find_parts(dir: &Path) -> Vec<Part> {
    let log = log(dir);
    let words = words(&log[1]);
    let files = database(dir).into_iter().chain(log).chain([snapshot(dir)]);
    files.chain(words).collect()
}

fn database(dir: &Path) -> [Part; 3] {
    let bytes = fs::read(dir.join(DB)).unwrap();
    let db = Db::open(bytes.as_slice()).unwrap();
    let size = db.meta().page_size as usize;
    let page = |number: usize| number * size..(number + 1) * size;
    let meta = usize::try_from(db.meta_page()).unwrap();
    let pages = 2..usize::try_from(db.meta().high_water).unwrap();
    // Whoever spoils a page in use is found out; and unless it is one of the newest, what is left
    // still tells where the database stands.
    let spoilt = |number: &usize| {
        let mut spoilt = bytes.clone();
        spoilt[page(*number)].fill(0);
        Db::open(spoilt).unwrap()
    };
    let (used, free): (Vec<usize>, Vec<usize>) =
        pages.partition(|number| !spoilt(number).check().is_clean());
    let tells = |number: &usize| {
        let db = spoilt(number);
        StoreState::read(&db).is_ok() && members(&db).is_ok()
    };
    let used: Vec<usize> = used.into_iter().filter(tells).collect();
    assert!(used.len() > 1 && free.len() > 1, "{used:?} {free:?}");
    let part = |name, at: usize, other: usize, flipped| Part {
        name,
        file: DB.into(),
        bytes: page(at),
        other: (DB.into(), page(other)),
        flipped,
    };
    [
        // The high byte of the checksum; the first byte of the page's own number.
        part("db meta page", meta, 1 - meta, 16 + 63),
        part("db page in use", used[0], used[1], 0),
        part("db free page", free[0], free[1], 0),
    ]
}

fn log(dir: &Path) -> [Part; 3] {
    let mut names: Vec<SegmentName> = fs::read_dir(dir.join(WAL))
        .unwrap()
        .filter_map(|entry| SegmentName::parse(entry.unwrap().file_name().to_str()?))
        .collect();
    names.sort();
    let [name] = names[..] else {
        panic!("a log of one file: {names:?}");
    };
    let file = PathBuf::from(WAL).join(name.to_string());
    let bytes = fs::read(dir.join(&file)).unwrap();
    let log = Log::read(Files::new([(name, bytes.clone())])).unwrap();
    let entry = |index: u64| {
        let at = log.position(index).unwrap().1 as usize;
        let next = log.position(index + 1).unwrap().1 as usize;
        at..next
    };
    let last = log.last_index();
    let start = log.position(last).unwrap().1 as usize;
    let part = |name, bytes: Range<usize>, other: Range<usize>| Part {
        name,
        file: file.clone(),
        flipped: 20,
        bytes,
        other: (file.clone(), other),
    };
    let length = entry(last - 1).len();
    // Where a record fills its last word, etcd does not look at the number of bytes that fill it up. How
    // long a request is depends on its number, which is chance.
    let is_filled_up = |index: &u64| bytes[entry(*index).start + 7] & 0x80 != 0;
    let middle = (last / 2..last - 1).find(is_filled_up).unwrap();
    [
        part("log header", 0..64, 64..128),
        part("log middle", entry(middle), entry(middle + 1)),
        part("log tail", start..start + length, entry(last - 1)),
    ]
}

/// The words of a frame before its data: none of them has a checksum.
fn words(frame: &Part) -> [Part; 4] {
    let part = |name, word: usize, flipped| {
        let start = frame.bytes.start + 8 * word;
        Part {
            name,
            bytes: start..start + 8,
            flipped,
            ..frame.clone()
        }
    };
    [
        part("log length", 0, 5),
        part("log padding bits", 0, 7),
        part("log type and checksum", 1, 1),
        part("log data length", 2, 0),
    ]
}

fn snapshot(dir: &Path) -> Part {
    let mut files: Vec<PathBuf> = fs::read_dir(dir.join(SNAP))
        .unwrap()
        .map(|entry| PathBuf::from(SNAP).join(entry.unwrap().file_name()))
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "snap"))
        .collect();
    files.sort();
    let [.., older, newest] = &files[..] else {
        panic!("two raft snapshots: {files:?}");
    };
    let whole = |file: &Path| 0..fs::metadata(dir.join(file)).unwrap().len() as usize;
    Part {
        name: "newest .snap",
        file: newest.clone(),
        bytes: whole(newest),
        other: (older.clone(), whole(older)),
        flipped: 40,
    }
}
