//! Finding objects.

use futures::TryStreamExt;
use opendal::options::ListOptions;
use opendal::{Entry, Metadata};
use snapstore::{
    Error, ErrorKind, Key, ListPage, ListRequest, ObjectMeta, PageToken, Result, printable,
};

use crate::bucket::Bucket;
use crate::described::described;
use crate::error::is_absent;
use crate::service::Appears;

const LIST: &str = "list";

/// Entries of a page, where the service goes on after a name.
const PAGE: usize = 1000;

/// Directories in one another. A link may lead back to where it is.
const DEEPEST: usize = 100;

/// The objects that `request` asks for: in pages where the service begins a listing after a name, all in one
/// where it does not.
pub(crate) async fn list(bucket: &Bucket, request: &ListRequest) -> Result<ListPage> {
    bucket.capabilities.check_listing(request)?;
    let can = &bucket.service.can;
    let page = match can.list_with_recursive && can.list_with_start_after {
        true => page(bucket, request).await?,
        false => all(bucket, request).await?,
    };
    if page.objects.is_empty() && request.page.is_none() {
        // Nothing in it and nothing there look alike.
        bucket.is_there(LIST).await?;
    }
    Ok(page)
}

/// A page of a service that lists in the order of names.
async fn page(bucket: &Bucket, request: &ListRequest) -> Result<ListPage> {
    let directory = bucket.place.directory(&request.prefix);
    let after = request.page.as_ref().map(|page| page.0.clone());
    let mut last = after.clone();
    let options = ListOptions {
        recursive: true,
        limit: Some(PAGE),
        start_after: after,
        ..ListOptions::default()
    };
    let mut found = Vec::new();
    let mut seen = 0;
    let failed = |error: opendal::Error| bucket.failed(LIST, &error);
    let lister = bucket.operator().lister_options(&directory, options).await;
    let mut lister = lister.map_err(failed)?;
    while seen < PAGE {
        let Some(entry) = lister.try_next().await.map_err(failed)? else {
            return Ok(ListPage {
                objects: found,
                next: None,
            });
        };
        seen += 1;
        let path = entry.path().to_owned();
        // The directory itself, which some services list as the first of all.
        if path == directory {
            continue;
        }
        if last.as_ref().is_some_and(|last| *last >= path) {
            return Err(out_of_order(&path));
        }
        found.extend(object(bucket, request, entry).await?);
        last = Some(path);
    }
    Ok(ListPage {
        objects: found,
        next: last.map(PageToken),
    })
}

fn out_of_order(path: &str) -> Error {
    let message = format!(
        "the service does not list in the order of names: \"{}\" came late, so nobody knows what the next \
         page leaves out",
        printable(path)
    );
    Error::new(ErrorKind::Unexpected, LIST, message)
}

/// All objects of a service that lists one directory, or everything at once.
///
/// The walk is not OpenDAL's, which leaves out what it may not read.
async fn all(bucket: &Bucket, request: &ListRequest) -> Result<ListPage> {
    let recursive = bucket.service.can.list_with_recursive;
    let mut objects = Vec::new();
    let mut directories = Vec::from_iter(first(bucket, request).await?);
    while let Some(directory) = directories.pop() {
        for entry in entries(bucket, &directory, recursive).await? {
            let path = entry.path();
            if path == directory || path == "/" {
                continue;
            }
            if directory != "/" && !path.starts_with(&directory) {
                return Err(elsewhere(&directory, path));
            }
            if entry.metadata().is_dir() {
                if !recursive && *path != bucket.place.staging() {
                    directories.push(below(path)?);
                }
                continue;
            }
            let path = path.to_owned();
            match object(bucket, request, entry).await? {
                Found::Object(object) => objects.push(object),
                Found::Directory if !recursive => directories.push(below(&path)?),
                Found::Directory | Found::Nothing => {}
            }
        }
    }
    Ok(ListPage {
        objects,
        next: None,
    })
}

/// The directory in which the walk begins, if it is one. Asked for what is in a file, a WebDAV server lists the file.
async fn first(bucket: &Bucket, request: &ListRequest) -> Result<Option<String>> {
    let directory = bucket.place.directory(&request.prefix);
    if directory == "/" || bucket.service.appears == Appears::AtTheEnd {
        return Ok(Some(directory));
    }
    match bucket.operator().stat(&directory).await {
        Ok(metadata) => Ok(metadata.is_dir().then_some(directory)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(bucket.failed(LIST, &error)),
    }
}

async fn entries(bucket: &Bucket, directory: &str, recursive: bool) -> Result<Vec<Entry>> {
    let options = ListOptions {
        recursive,
        ..ListOptions::default()
    };
    let listed = bucket.operator().list_options(directory, options).await;
    match listed {
        Ok(entries) => Ok(entries),
        // It was there a moment ago, or never.
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        Err(error) => Err(bucket.failed(LIST, &error)),
    }
}

/// A directory to walk. The path of a link that leads to one has no slash at its end.
fn below(path: &str) -> Result<String> {
    if path.matches('/').count() < DEEPEST {
        return Ok(format!("{}/", path.trim_end_matches('/')));
    }
    let message = format!(
        "\"{}\" is deeper than {DEEPEST} directories: a link leads back to where it is",
        printable(path)
    );
    Err(Error::new(ErrorKind::Unexpected, LIST, message))
}

fn elsewhere(directory: &str, path: &str) -> Error {
    let message = format!(
        "asked for what is in \"{}\", the service lists \"{}\"",
        printable(directory),
        printable(path)
    );
    Error::new(ErrorKind::Unexpected, LIST, message).retryable()
}

/// What an entry is.
enum Found {
    Object(ObjectMeta),
    Directory,
    /// No object of this listing.
    Nothing,
}

impl IntoIterator for Found {
    type Item = ObjectMeta;
    type IntoIter = std::option::IntoIter<ObjectMeta>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::Object(object) => Some(object).into_iter(),
            Self::Directory | Self::Nothing => None.into_iter(),
        }
    }
}

async fn object(bucket: &Bucket, request: &ListRequest, entry: Entry) -> Result<Found> {
    let (path, metadata) = entry.into_parts();
    if metadata.is_file() {
        return Ok(of_file(bucket, request, &path, &metadata));
    }
    if metadata.is_dir() {
        return Ok(Found::Directory);
    }
    // A listing that does not say what an entry is says no length either.
    match bucket.operator().stat(&path).await {
        Ok(metadata) if metadata.is_dir() => Ok(Found::Directory),
        Ok(metadata) => Ok(of_file(bucket, request, &path, &metadata)),
        Err(error) if is_absent(&error) => Ok(Found::Nothing),
        Err(error) => Err(bucket.failed(LIST, &error)),
    }
}

fn of_file(bucket: &Bucket, request: &ListRequest, path: &str, metadata: &Metadata) -> Found {
    let key = bucket.place.key(path);
    let is_asked_for = |key: &Key| key.as_str().starts_with(&request.prefix);
    match key.filter(is_asked_for) {
        Some(key) => Found::Object(described(key, metadata)),
        None => Found::Nothing,
    }
}
