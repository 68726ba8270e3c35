//! How each provider lists objects, and what it takes to open a store of it.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use snapstore::{Environment, Provider, Result, Snapstore, StoreConfig};

use crate::stub::{Answer, Stub};

/// An entry of a listing: its name, and its size if it has one.
pub(crate) type Entry<'a> = (&'a str, Option<u64>);

/// What the answers of a provider look like.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) provider: Provider,
    /// Whether a request asks for a page of objects.
    pub(crate) lists: fn(&str) -> bool,
    /// A page, and where it goes on. The listing is of the bucket `b` with the prefix `etcd/v2/`.
    pub(crate) page: fn(&[Entry<'_>], Option<&str>) -> String,
    /// What else is asked, at the opening.
    opens: fn(&str, u16) -> Answer,
    /// The values of its credentials, and the variables that name them.
    values: &'static [(&'static str, &'static str)],
    variable: &'static str,
    /// What comes after the address of the server.
    path: &'static str,
}

pub(crate) const TIME: &str = "2026-11-22T09:13:06.123Z";

pub(crate) const DIALECTS: [Dialect; 5] = [
    Dialect {
        provider: snapstore_s3::PROVIDER,
        lists: |line| line.contains("list-type=2"),
        page: s3_page,
        opens: |line, _| match line {
            _ if line.contains("versioning") => Answer::of(200, "<VersioningConfiguration/>"),
            _ if line.contains("object-lock") => Answer::of(404, "<Error/>"),
            _ => Answer::of(200, ""),
        },
        values: &[
            ("accessKeyID", "k"),
            ("secretAccessKey", "s"),
            ("region", "us-east-1"),
            ("s3ForcePathStyle", "true"),
        ],
        variable: "AWS_APPLICATION_CREDENTIALS",
        path: "",
    },
    Dialect {
        provider: snapstore_oss::PROVIDER,
        lists: |line| line.contains("prefix="),
        page: oss_page,
        opens: |line, _| match line {
            _ if line.contains("versioning") => Answer::of(200, "<VersioningConfiguration/>"),
            _ if line.contains("worm") => Answer::of(404, "<Error/>"),
            _ => Answer::of(200, oss_page(&[], None)),
        },
        values: &[("accessKeyID", "k"), ("accessKeySecret", "s")],
        variable: "ALICLOUD_APPLICATION_CREDENTIALS",
        path: "",
    },
    Dialect {
        provider: snapstore_abs::PROVIDER,
        lists: |line| line.contains("comp=list") && line.contains("prefix="),
        page: abs_page,
        opens: |line, _| match line.contains("comp=list") {
            true => Answer::of(200, abs_page(&[], None)),
            false => Answer::of(200, ""),
        },
        values: &[("storageAccount", "acct"), ("storageKey", "a2V5a2V5")],
        variable: "AZURE_APPLICATION_CREDENTIALS",
        path: "/acct",
    },
    Dialect {
        provider: snapstore_gcs::PROVIDER,
        lists: |line| line.contains("/o?"),
        page: gcs_page,
        opens: |_, _| Answer::of(200, "{}"),
        values: &[],
        variable: "-",
        path: "",
    },
    Dialect {
        provider: snapstore_swift::PROVIDER,
        lists: |line| line.contains("format=json"),
        page: |entries, _| swift_page(entries),
        opens: swift_opens,
        values: &[],
        variable: "-",
        path: "",
    },
];

impl Dialect {
    pub(crate) fn name(self) -> &'static str {
        self.provider.name
    }

    /// A stub that answers what opens a store, and `answer` for all else.
    pub(crate) fn serve(
        self,
        answer: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
    ) -> Stub {
        Stub::start(move |line, port| {
            let given = answer(line);
            given.unwrap_or_else(|| (self.opens)(line, port))
        })
    }

    pub(crate) async fn open(self, stub: &Stub, files: &Path) -> Arc<dyn Snapstore> {
        self.try_open(stub, files).await.unwrap()
    }

    pub(crate) async fn try_open(self, stub: &Stub, files: &Path) -> Result<Arc<dyn Snapstore>> {
        self.open_with(stub, files, &[]).await
    }

    /// With these variables as well.
    pub(crate) async fn open_with(
        self,
        stub: &Stub,
        files: &Path,
        also: &[(&str, &str)],
    ) -> Result<Arc<dyn Snapstore>> {
        for (name, value) in self.values {
            std::fs::write(files.join(name), value).unwrap();
        }
        let mut set = vec![(self.variable.to_owned(), files.display().to_string())];
        let login = [
            ("OS_AUTH_URL", format!("{}/v3", stub.url)),
            ("OS_USERNAME", "u".to_owned()),
            ("OS_PASSWORD", "p".to_owned()),
            ("OS_DOMAIN_NAME", "d".to_owned()),
            ("OS_PROJECT_NAME", "p".to_owned()),
        ];
        if self.name() == snapstore_swift::PROVIDER.name {
            set = login.map(|(name, value)| (name.to_owned(), value)).into();
        }
        set.extend(
            also.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let config = StoreConfig {
            container: "b".into(),
            prefix: "etcd".into(),
            endpoint_override: (self.name() != snapstore_swift::PROVIDER.name)
                .then(|| format!("{}{}", stub.url, self.path).as_str().into()),
            environment: Environment::new(set),
            ..StoreConfig::default()
        };
        (self.provider.open)(config).await
    }
}

fn contents(entries: &[Entry<'_>]) -> String {
    let each = entries.iter().map(|(name, size)| {
        let size = size.map_or(String::new(), |size| format!("<Size>{size}</Size>"));
        format!(
            "<Contents><Key>{name}</Key><LastModified>{TIME}</LastModified>\
             <ETag>&quot;t&quot;</ETag>{size}</Contents>"
        )
    });
    each.collect()
}

fn s3_page(entries: &[Entry<'_>], next: Option<&str>) -> String {
    let more = next.is_some();
    let next = next.map_or(String::new(), |next| {
        format!("<NextContinuationToken>{next}</NextContinuationToken>")
    });
    format!(
        "<?xml version=\"1.0\"?>\n<ListBucketResult><Name>b</Name><Prefix>etcd/v2/</Prefix>\
         <KeyCount>{}</KeyCount><IsTruncated>{more}</IsTruncated>{next}{}</ListBucketResult>",
        entries.len(),
        contents(entries)
    )
}

fn oss_page(entries: &[Entry<'_>], next: Option<&str>) -> String {
    let more = next.is_some();
    let next = next.map_or(String::new(), |next| {
        format!("<NextMarker>{next}</NextMarker>")
    });
    format!(
        "<ListBucketResult><Name>b</Name><Prefix>etcd%2Fv2%2F</Prefix>\
         <IsTruncated>{more}</IsTruncated>{next}{}</ListBucketResult>",
        contents(entries)
    )
}

fn abs_page(entries: &[Entry<'_>], next: Option<&str>) -> String {
    let each = entries.iter().map(|(name, size)| {
        let size = size.map_or(String::new(), |size| {
            format!("<Content-Length>{size}</Content-Length>")
        });
        format!(
            "<Blob><Name>{name}</Name><Properties><Last-Modified>Sun, 22 Nov 2026 09:13:06 GMT\
             </Last-Modified><Etag>0x1</Etag>{size}</Properties></Blob>"
        )
    });
    let blobs: String = each.collect();
    let next = next.unwrap_or_default();
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults \
         ServiceEndpoint=\"http://x/\" ContainerName=\"b\"><Prefix>etcd/v2/</Prefix>\
         <Blobs>{blobs}</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"
    )
}

fn gcs_page(entries: &[Entry<'_>], next: Option<&str>) -> String {
    let each = entries.iter().map(|(name, size)| {
        let mut item = json!({"name": name, "generation": "7", "timeCreated": TIME});
        if let Some(size) = size {
            item["size"] = size.to_string().into();
        }
        item
    });
    let mut page = json!({"kind": "storage#objects", "items": each.collect::<Vec<_>>()});
    if let Some(next) = next {
        page["nextPageToken"] = next.into();
    }
    page.to_string()
}

fn swift_page(entries: &[Entry<'_>]) -> String {
    let each = entries.iter().map(|(name, size)| {
        let mut line = json!({
            "name": name, "hash": "t", "last_modified": TIME.trim_end_matches('Z'),
        });
        if let Some(size) = size {
            line["bytes"] = (*size).into();
        }
        line
    });
    json!(each.collect::<Vec<_>>()).to_string()
}

fn swift_opens(line: &str, port: u16) -> Answer {
    let url = format!("http://127.0.0.1:{port}");
    if line.starts_with("POST") {
        let ends = [("1", "public", "a"), ("2", "internal", "inside")];
        let ends = ends.map(|(id, interface, account)| {
            json!({"id": id, "interface": interface, "region": "one", "region_id": "one",
                "url": format!("{url}/v1/{account}")})
        });
        let domain = json!({"id": "d", "name": "d"});
        let token = json!({"token": {
            "methods": ["password"],
            "issued_at": "2026-11-22T09:13:06.000000Z",
            "expires_at": "2096-11-22T09:13:06.000000Z",
            "user": {"id": "u", "name": "u", "domain": domain},
            "project": {"id": "p", "name": "p", "domain": domain},
            "roles": [{"id": "r", "name": "member"}],
            "audit_ids": ["x"],
            "catalog": [{"id": "s", "type": "object-store", "name": "swift", "endpoints": ends}],
        }});
        return Answer::of(201, token.to_string()).with("x-subject-token", "tok");
    }
    match line.contains("/v3") {
        true => {
            let links = json!([{"rel": "self", "href": format!("{url}/v3/")}]);
            let version = json!({"id": "v3.14", "status": "stable", "links": links});
            Answer::of(200, json!({"version": version}).to_string())
        }
        false => Answer::of(204, "").with("x-container-object-count", "9"),
    }
}
