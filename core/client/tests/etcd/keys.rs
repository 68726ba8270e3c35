//! Pages of keys, and transactions that write what is as it was seen.

use bytes::Bytes;
use client::{ErrorKind, Etcd as _, KeyChange, KeyRange, Read, Write, Written};

use crate::reach::{client, fresh, run};

fn range(first: &'static str, end: &'static str) -> KeyRange {
    KeyRange {
        first: first.into(),
        end: end.into(),
    }
}

fn put(key: &'static str, seen: i64, value: &'static str) -> Write {
    Write {
        key: key.into(),
        seen,
        change: KeyChange::Put(value.into()),
    }
}

fn keys_come_in_pages_of_one_revision(version: &str) {
    let etcd = fresh(version);
    for key in ["a", "b/1", "b/2", "b/3", "c"] {
        etcd.put(key.as_bytes(), b"then").unwrap();
    }
    let then = etcd.revision().unwrap();
    etcd.put(b"b/2", b"later").unwrap();
    etcd.put(b"b/4", b"later").unwrap();
    run(async {
        let client = client(&etcd).await;
        let page = client.keys_at(range("b/", "b0"), then, 2).await.unwrap();
        let named: Vec<_> = page
            .keys
            .iter()
            .map(|kv| (&kv.key[..], &kv.value[..]))
            .collect();
        assert_eq!(named, [(&b"b/1"[..], &b"then"[..]), (b"b/2", b"then")]);
        assert!(page.more);
        let rest = client.keys_at(range("b/2\0", "b0"), then, 2).await.unwrap();
        assert_eq!((rest.keys.len(), rest.more), (1, false));
        let all = client.keys_at(range("\0", "\0"), then, 100).await.unwrap();
        assert_eq!((all.keys.len(), all.more), (5, false));
        let one = client.keys_at(range("c", ""), then, 1).await.unwrap();
        assert_eq!((one.keys.len(), one.more), (1, false));
        let newest = client.keys_at(range("c", ""), 0, 1).await.unwrap();
        assert_eq!(newest.header.revision, then + 2);
        let future = client.keys_at(range("c", ""), 900, 1).await.unwrap_err();
        assert_eq!(future.kind(), ErrorKind::Future);
    });
}

fn nothing_is_written_over_what_somebody_wrote(version: &str) {
    let etcd = fresh(version);
    let first = etcd.put(b"a", b"1").unwrap();
    let second = etcd.put(b"b", b"1").unwrap();
    run(async {
        let client = client(&etcd).await;
        // One that is not there, one as it was seen, and one that was written meanwhile.
        let later = etcd.put(b"b", b"2").unwrap();
        let writes = vec![
            put("new", 0, "x"),
            put("a", first, "x"),
            put("b", second, "x"),
        ];
        let found = [("new", 0), ("a", first), ("b", later)];
        let found = found.map(|(key, at)| (Bytes::from(key), at)).to_vec();
        let written = client.write(writes.clone()).await.unwrap();
        assert_eq!(written, Written::NotAsDemanded(found));
        assert_eq!(etcd.revision().unwrap(), later);
        let Written::At(at) = client.write(writes[..2].to_vec()).await.unwrap() else {
            panic!("both are as they were seen");
        };
        assert_eq!(at, later + 1);
        for key in ["a", "new"] {
            let kv = client
                .key_at(key.into(), at, Read::Agreed)
                .await
                .unwrap()
                .unwrap();
            assert_eq!((&kv.value[..], kv.mod_revision), (&b"x"[..], at), "{key}");
        }
        let delete = |seen| Write {
            key: "b".into(),
            seen,
            change: KeyChange::Delete,
        };
        let refused = client.write(vec![delete(second)]).await.unwrap();
        assert_eq!(refused, Written::NotAsDemanded(vec![("b".into(), later)]));
        assert_eq!(
            client.write(vec![delete(later)]).await.unwrap(),
            Written::At(at + 1)
        );
    });
}

fn what_is_too_much_for_etcd_is_told(version: &str) {
    let etcd = fresh(version);
    run(async {
        let client = client(&etcd).await;
        let large = Write {
            key: "a".into(),
            seen: 0,
            change: KeyChange::Put(vec![7; 1_600_000].into()),
        };
        let error = client.write(vec![large]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        let many = (0..129).map(|number| Write {
            key: format!("k{number}").into(),
            seen: 0,
            change: KeyChange::Put("".into()),
        });
        let error = client.write(many.collect()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    });
}

testkit::on_every_etcd!(
    keys_come_in_pages_of_one_revision,
    nothing_is_written_over_what_somebody_wrote,
    what_is_too_much_for_etcd_is_told
);
