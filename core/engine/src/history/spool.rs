//! Entries of the key bucket that follow on a database, kept in a file without a name.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::apply::Entries;
use crate::error::Error;

/// Takes entries as they come, to be read more than once.
#[derive(Debug)]
pub(crate) struct Spool<E> {
    file: BufWriter<File>,
    place: PathBuf,
    _error: PhantomData<fn() -> E>,
}

impl<E> Spool<E> {
    /// In this directory.
    pub(crate) fn create(place: &Path) -> Result<Self, Error> {
        let file = tempfile::tempfile_in(place);
        let file = file.map_err(Error::io("create a temporary file in", place))?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 18, file),
            place: place.to_owned(),
            _error: PhantomData,
        })
    }

    fn write(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let length = |part: &[u8]| u32::try_from(part.len()).map_err(io::Error::other);
        self.file.write_all(&length(key)?.to_le_bytes())?;
        self.file.write_all(&length(value)?.to_le_bytes())?;
        self.file.write_all(key)?;
        self.file.write_all(value)
    }

    /// Gives all entries, in order.
    pub(crate) fn each<X: From<Error>>(
        &mut self,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<(), X>,
    ) -> Result<(), X> {
        let place = self.place.clone();
        let failed =
            |error: io::Error| X::from(Error::io("read a temporary file in", &place)(error));
        self.file.flush().map_err(failed)?;
        let file = self.file.get_mut();
        let end = file.stream_position().map_err(failed)?;
        file.rewind().map_err(failed)?;
        let mut reader = BufReader::with_capacity(1 << 18, &*file).take(end);
        let (mut key, mut value) = (Vec::new(), Vec::new());
        while reader.limit() > 0 {
            let mut lengths = [[0; 4]; 2];
            for length in &mut lengths {
                reader.read_exact(length).map_err(failed)?;
            }
            let [of_key, of_value] = lengths.map(|length| u32::from_le_bytes(length) as usize);
            key.resize(of_key, 0);
            value.resize(of_value, 0);
            reader.read_exact(&mut key).map_err(failed)?;
            reader.read_exact(&mut value).map_err(failed)?;
            take(&key, &value)?;
        }
        drop(reader);
        file.seek(io::SeekFrom::Start(end)).map_err(failed)?;
        Ok(())
    }
}

impl<E: From<Error> + From<crate::backups::Error>> Entries for Spool<E> {
    type Error = E;

    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), E> {
        let place = self.place.clone();
        let written = self.write(key, value);
        written.map_err(|error| Error::io("write a temporary file in", &place)(error).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_often_as_wanted() {
        let mut spool: Spool<crate::backups::Error> = Spool::create(&std::env::temp_dir()).unwrap();
        let read = |spool: &mut Spool<crate::backups::Error>| {
            let mut all = Vec::new();
            spool
                .each(|key, value| {
                    all.push((key.to_vec(), value.len()));
                    Ok::<_, Error>(())
                })
                .unwrap();
            all
        };
        assert_eq!(read(&mut spool), []);
        spool.push(b"a", &[7; 600_000]).unwrap();
        spool.push(b"", b"").unwrap();
        let both = [(b"a".to_vec(), 600_000), (Vec::new(), 0)];
        assert_eq!(read(&mut spool), both);
        assert_eq!(read(&mut spool), both);
        spool.push(b"c", b"1").unwrap();
        assert_eq!(read(&mut spool).len(), 3);
    }
}
