use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::corpus::Corpus;
use super::delta_writer::DeltaWriter;
use super::full_writer;

impl Corpus {
    /// The store of this corpus, made on first use.
    pub(super) fn make(&self, cache: &Path) -> Result<PathBuf> {
        let store = cache.join(self.name);
        if store.exists() {
            return Ok(store);
        }
        eprintln!("making the corpus {}: {}", self.name, self.words);
        let part = cache.join(format!("{}.part", self.name));
        if part.exists() {
            fs::remove_dir_all(&part)?;
        }
        let dir = part.join("v2");
        fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
        let last = full_writer::write(&dir, self)?;
        self.deltas(&dir, last + 1)?;
        fs::rename(&part, &store)?;
        Ok(store)
    }

    /// The deltas, a thread for every other one.
    fn deltas(&self, dir: &Path, first: u64) -> Result<()> {
        if self.revisions == 0 {
            return Ok(());
        }
        let count = self.revisions.div_ceil(self.per_delta);
        let threads = std::thread::available_parallelism()?.get() as u64;
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|thread| {
                    scope.spawn(move || {
                        (thread..count)
                            .step_by(threads as usize)
                            .try_for_each(|number| {
                                let from = number * self.per_delta;
                                let to = (from + self.per_delta).min(self.revisions);
                                DeltaWriter {
                                    corpus: self,
                                    first,
                                }
                                .write(dir, from, to)
                            })
                    })
                })
                .collect();
            workers
                .into_iter()
                .try_for_each(|worker| match worker.join() {
                    Ok(result) => result,
                    Err(_) => anyhow::bail!("a thread that wrote deltas panicked"),
                })
        })
    }
}
