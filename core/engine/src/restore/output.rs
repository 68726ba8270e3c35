//! The database file being written.

use std::fs::File;
use std::io;
use std::ops::Range;

use bolt::{ReadAt, WriteAt};

use super::base::Sink;

/// A file whose pages begin their way to the disk as soon as they are written, so that the flush
/// at the end finds little to do. The kernel alone would let gigabytes collect and then make the
/// flush wait for all of them.
#[derive(Debug)]
pub(crate) struct Output {
    file: File,
}

impl Output {
    pub(crate) fn new(file: File) -> Self {
        Self { file }
    }

    /// Asking the kernel to drop pages makes it write the dirty ones out, without waiting; those
    /// on their way stay in the cache, where etcd will want them. A hint: if it is refused, the
    /// flush at the end does all the work.
    #[cfg(target_os = "linux")]
    fn write_back(&self, range: Range<u64>) {
        use std::num::NonZeroU64;
        let Some(length) = NonZeroU64::new(range.end - range.start) else {
            return;
        };
        let advice = rustix::fs::Advice::DontNeed;
        let _ = rustix::fs::fadvise(&self.file, range.start, Some(length), advice);
    }

    #[cfg(not(target_os = "linux"))]
    fn write_back(&self, _range: Range<u64>) {}
}

impl Sink for &Output {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)?;
        self.write_back(offset..offset + bytes.len() as u64);
        Ok(())
    }
}

impl ReadAt for Output {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        ReadAt::size(&self.file)
    }
}

impl WriteAt for Output {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        WriteAt::write_all_at(&self.file, buf, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        WriteAt::sync(&self.file)
    }

    fn written(&self, range: Range<u64>) -> io::Result<()> {
        self.write_back(range);
        Ok(())
    }
}
