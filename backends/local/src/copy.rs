//! Copies from one directory of this machine to another, made by the kernel: where a file system shares blocks between files
//! (`copy_file_range`), nothing is read. Each copy is a file of its own; a second name for one file would change with it.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use snapstore::{Copied, Key, Original, PutMode, Result, SameContent};

use crate::bucket::Bucket;
use crate::config::Settings;
use crate::files::{blocking, describe};
use crate::publish;

/// Makes `key` of the original.
pub(crate) async fn copy(
    bucket: &Arc<Bucket>,
    original: &Original,
    key: &Key,
    mode: PutMode,
) -> Result<Copied> {
    let (root, target) = (bucket.root.clone(), bucket.path("copy", key)?);
    let of = Bucket::open(Settings {
        root: original.location.bucket.clone().into(),
    });
    let object = &original.object;
    let source = of.addressed("copy", &object.id)?;
    let (name, etag) = (key.clone(), object.etag.clone());
    let from = object.id.key.clone();
    let at = source.clone();
    let meta = blocking("copy", Some(key), &at, move || {
        let mut file = File::open(&source)?;
        let found = describe(&from, &file.metadata()?)?;
        if found.is_none_or(|found| found.etag != etag) {
            return Err(io::Error::other("the original was written anew"));
        }
        let mut staged = publish::stage(&root)?;
        io::copy(&mut file, staged.as_file_mut())?;
        staged.flush()?;
        let metadata = publish::publish(staged, &root, &target, mode)?;
        describe(&name, &metadata)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    });
    Ok(Copied {
        meta: meta.await?,
        // A file has no checksum.
        content: SameContent::Unknown,
    })
}
