//! The database file being written.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bolt::{ReadAt, WriteAt};

use super::write_behind::WriteBehind;
use crate::backups::full::Sink;
use crate::error::Result;

/// A file that is written by a thread of its own, and whose pages begin their way to the disk as
/// soon as they are written, so that the flush at the end finds little to do. The kernel alone
/// would let gigabytes collect and then make the flush wait for all of them.
#[derive(Debug)]
pub(crate) struct Output {
    file: Arc<File>,
    behind: WriteBehind,
    flushing: Flushing,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flushing {
    /// That all of it is on the disk.
    ToDisk,
    /// That it is written: nobody finds the file after this process.
    Nothing,
}

impl Output {
    pub(crate) fn new(file: File) -> Result<Self> {
        Self::flushed(file, Flushing::ToDisk)
    }

    /// Of a file without a name.
    pub(crate) fn unnamed(file: File) -> Result<Self> {
        Self::flushed(file, Flushing::Nothing)
    }

    fn flushed(file: File, flushing: Flushing) -> Result<Self> {
        let file = Arc::new(file);
        let behind = WriteBehind::new(file.clone(), write_back)?;
        Ok(Self {
            file,
            behind,
            flushing,
        })
    }
}

impl Output {
    /// Bytes that are written, as far as the system tells.
    pub(crate) fn length(&self) -> Option<u64> {
        self.file.metadata().ok().map(|file| file.len())
    }
}

/// Asking the kernel to drop pages makes it write the dirty ones out, without waiting; those on
/// their way stay in the cache, where etcd will want them. A hint: if it is refused, the flush at
/// the end does all the work.
#[cfg(target_os = "linux")]
fn write_back(file: &File, offset: u64, length: u64) {
    let length = std::num::NonZeroU64::new(length);
    let _ = rustix::fs::fadvise(file, offset, length, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn write_back(_file: &File, _offset: u64, _length: u64) {}

impl Sink for &Output {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.behind.write(bytes, offset)
    }
}

/// Reads see what was written before them.
impl ReadAt for Output {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.behind.wait()?;
        self.file.read_exact_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.behind.wait()?;
        ReadAt::size(&*self.file)
    }
}

impl WriteAt for Output {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.behind.write(buf, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.behind.wait()?;
        self.file.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.behind.wait()?;
        match self.flushing {
            Flushing::ToDisk => WriteAt::sync(&*self.file),
            Flushing::Nothing => Ok(()),
        }
    }

    /// The thread that writes has told the kernel already.
    fn written(&self, _range: Range<u64>) -> io::Result<()> {
        Ok(())
    }
}
