use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, RwLock};

use crate::ReadAt;

/// A file written by position.
pub trait WriteAt {
    /// Writes all of `buf` at `offset`, growing the file when it ends before.
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts or grows the file to `len` bytes; new ones are zero.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Returns when everything written is on stable storage, the length of the file included.
    fn sync(&self) -> io::Result<()>;

    /// Hears that the bytes of `range` are written and will not be written again before the next
    /// [`sync`](WriteAt::sync). Ranges ascend without gaps and hold about 1 MiB.
    ///
    /// The place to start write-back early, so that `sync` finds little left to do.
    fn written(&self, range: Range<u64>) -> io::Result<()>;
}

impl WriteAt for File {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, buf, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    /// Leaves write-back to the kernel.
    fn written(&self, _range: Range<u64>) -> io::Result<()> {
        Ok(())
    }
}

impl<T: WriteAt + ?Sized> WriteAt for &T {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        T::write_all_at(self, buf, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        T::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        T::sync(self)
    }

    fn written(&self, range: Range<u64>) -> io::Result<()> {
        T::written(self, range)
    }
}

impl<T: WriteAt + ?Sized> WriteAt for Arc<T> {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        T::write_all_at(self, buf, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        T::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        T::sync(self)
    }

    fn written(&self, range: Range<u64>) -> io::Result<()> {
        T::written(self, range)
    }
}

/// A file in memory.
impl ReadAt for RwLock<Vec<u8>> {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = self.read().map_err(|_| poisoned())?;
        bytes.as_slice().read_exact_at(buf, offset)
    }

    fn size(&self) -> io::Result<u64> {
        self.read().map_err(|_| poisoned())?.size()
    }
}

/// A file in memory.
impl WriteAt for RwLock<Vec<u8>> {
    fn write_all_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        let mut bytes = self.write().map_err(|_| poisoned())?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.checked_add(buf.len());
        let end = end.ok_or(io::ErrorKind::FileTooLarge)?;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[start..end].copy_from_slice(buf);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        self.write().map_err(|_| poisoned())?.resize(len, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn written(&self, _range: Range<u64>) -> io::Result<()> {
        Ok(())
    }
}

fn poisoned() -> io::Error {
    io::Error::other("a thread panicked while it wrote this memory")
}
