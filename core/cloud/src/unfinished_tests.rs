//! The walk over unfinished uploads, on a provider that is a list. It stood in two backends, and one of them
//! took an upload whose time could not be read for one that lives, for ever and without a word.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use snapstore::Result;

use crate::Keyspace;
use crate::unfinished::{
    More, PartsPage, Unfinished, UnfinishedPage, UploadMarker, Uploads, sweep,
};

/// One upload a page.
#[derive(Default)]
struct Listed {
    uploads: Vec<(Unfinished, Vec<Option<SystemTime>>)>,
    /// What each page says of the next.
    lie: Option<fn(usize) -> More<UploadMarker>>,
    aborted: Mutex<Vec<String>>,
}

fn at(second: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(second)
}

fn upload(name: &str, began: u64) -> Unfinished {
    Unfinished {
        name: name.to_owned(),
        id: format!("{name}-{began}"),
        began: Some(at(began)),
    }
}

impl Uploads for Listed {
    async fn uploads(&self, _: &str, marker: Option<UploadMarker>) -> Result<UnfinishedPage> {
        let next = marker.map_or(0, |marker| marker.id.unwrap().parse().unwrap());
        let more = match (self.lie, next + 1 < self.uploads.len()) {
            (Some(lie), _) => lie(next),
            (None, false) => More::No,
            (None, true) => More::After(Some(UploadMarker {
                name: self.uploads[next].0.name.clone(),
                id: Some((next + 1).to_string()),
            })),
        };
        let uploads = self.uploads.get(next).map(|(upload, _)| upload.clone());
        Ok(UnfinishedPage {
            uploads: uploads.into_iter().collect(),
            more,
        })
    }

    async fn parts(&self, upload: &Unfinished, after: Option<String>) -> Result<Option<PartsPage>> {
        let Some((_, parts)) = self.uploads.iter().find(|(one, _)| one == upload) else {
            return Ok(None);
        };
        if upload.name.ends_with("gone") {
            return Ok(None);
        }
        let next: usize = after.map_or(0, |after| after.parse().unwrap());
        let more = match next + 1 < parts.len() {
            true => More::After(Some((next + 1).to_string())),
            false => More::No,
        };
        Ok(Some(PartsPage {
            written: parts.get(next).copied().into_iter().collect(),
            more,
        }))
    }

    async fn abort(&self, upload: &Unfinished) -> Result<bool> {
        self.aborted.lock().unwrap().push(upload.id.clone());
        Ok(!upload.name.ends_with("ended"))
    }
}

fn swept(listed: &Listed) -> Result<u64> {
    let keys = Keyspace::new("etcd").unwrap();
    futures::executor::block_on(sweep(&keys, listed, at(100)))
}

#[test]
fn what_is_idle_and_ours_is_aborted_on_every_page() {
    let listed = Listed {
        uploads: vec![
            (upload("etcd/a", 10), vec![]),
            (upload("etcd/b", 10), vec![Some(at(20)), Some(at(30))]),
            // Its last part has just come.
            (upload("etcd/c", 10), vec![Some(at(20)), Some(at(100))]),
            (upload("etcd/d", 100), vec![]),
            (upload("etcd/e", 10), vec![None]),
            (upload("etcd/gone", 10), vec![]),
            (upload("etcd/ended", 10), vec![]),
            // What a web console makes is not ours.
            (upload("etcd/f/", 10), vec![]),
        ],
        ..Listed::default()
    };
    // Somebody else has ended one of the three.
    assert_eq!(swept(&listed).unwrap(), 2);
    let aborted = listed.aborted.into_inner().unwrap();
    assert_eq!(aborted, ["etcd/a-10", "etcd/b-10", "etcd/ended-10"]);
}

#[test]
fn a_listing_that_cannot_be_right_is_an_error_that_is_asked_again() {
    let one = |upload: Unfinished| Listed {
        uploads: vec![(upload, vec![])],
        ..Listed::default()
    };
    let mut without_time = one(upload("etcd/a", 10));
    without_time.uploads[0].0.began = None;
    let of_another = one(upload("etcd-2/a", 10));
    let mut nowhere = one(upload("etcd/a", 200));
    nowhere.lie = Some(|_| More::After(None));
    let mut in_circles = one(upload("etcd/a", 200));
    in_circles.lie = Some(|_| {
        More::After(Some(UploadMarker {
            name: "etcd/a".to_owned(),
            id: Some("0".to_owned()),
        }))
    });
    for (listed, word) in [
        (without_time, "no time that can be read"),
        (of_another, "etcd-2/a"),
        (nowhere, "does not say where"),
        (in_circles, "etcd/a"),
    ] {
        let error = swept(&listed).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        assert!(listed.aborted.into_inner().unwrap().is_empty(), "{word}");
    }
}
