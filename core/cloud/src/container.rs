use snapstore::{Error, ErrorKind, Result, StoreConfig};

/// The bucket or container that the operator named.
///
/// Errors: `Config` if none was, or for what no provider calls a bucket, with what was probably meant;
/// the store itself would answer 400 or 403.
pub fn container(config: &StoreConfig) -> Result<String> {
    let name = config.container.trim();
    let message = match name {
        "" => "no bucket is named: give --store-container or set STORAGE_CONTAINER".to_owned(),
        // An access point of AWS has a slash in its name.
        name if name.starts_with("arn:") => return Ok(name.to_owned()),
        name => match meant(name) {
            None => return Ok(name.to_owned()),
            Some(meant) => format!("--store-container is the name of a bucket alone: {meant}"),
        },
    };
    Err(Error::new(ErrorKind::Config, "open", message))
}

/// The error for a bucket that is not there when it is opened; `noun` is what the provider calls one,
/// and `said` what it has said of it, if anything.
pub fn no_such_bucket(noun: &str, name: &str, said: &str) -> Error {
    let said = match said {
        "" => String::new(),
        said => format!(" ({said})"),
    };
    let message = format!(
        "there is no {noun} {name:?}{said}: make it, or name another with --store-container"
    );
    Error::new(ErrorKind::Config, "open", message)
}

/// What to write instead of `name`, if that is no name. An address is not repeated whole: it may hold
/// a token.
fn meant(name: &str) -> Option<String> {
    let path = match name.split_once("://") {
        Some(("file", _)) => {
            let local = "for a directory write --storage-provider Local and its path";
            return Some(local.to_owned());
        }
        Some(("http" | "https", _)) => {
            let address = "the address of a server belongs into --store-endpoint-override";
            return Some(address.to_owned());
        }
        Some((_, path)) => path,
        None if !name.contains('/') => return None,
        None => name,
    };
    let path = path.trim_matches('/');
    if path.is_empty() || path.contains(['@', '?', '#', ':']) {
        return Some("there is '://' or '/' in it".to_owned());
    }
    Some(match path.split_once('/') {
        None => format!("write --store-container {path:?}"),
        Some((bucket, prefix)) => {
            let prefix = prefix.trim_start_matches('/');
            format!("write --store-container {bucket:?} and --store-prefix {prefix:?}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<String> {
        container(&StoreConfig {
            container: name.into(),
            ..StoreConfig::default()
        })
    }

    /// `s3://backups/etcd` was asked for as a bucket of that name, and a 403 or 400 came back.
    #[test]
    fn what_is_no_bucket_is_refused_with_what_was_meant() {
        for (name, told) in [
            ("", "STORAGE_CONTAINER"),
            ("s3://backups", "write --store-container \"backups\""),
            ("gs://backups/", "write --store-container \"backups\""),
            (
                "s3://backups/etcd/main",
                "write --store-container \"backups\" and --store-prefix \"etcd/main\"",
            ),
            (
                "backups/etcd",
                "write --store-container \"backups\" and --store-prefix \"etcd\"",
            ),
            ("/backups", "write --store-container \"backups\""),
            ("file:///var/backups", "--storage-provider Local"),
            ("https://minio:9000/b", "--store-endpoint-override"),
            ("s3://", "in it"),
        ] {
            let error = named(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{name}");
            assert!(error.to_string().contains(told), "{name}: {error}");
        }
        let error = named("s3://user:hush@host/b?sig=hush").unwrap_err();
        assert!(!error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn names_of_buckets_are_taken() {
        for name in ["backups", "my.bucket", "My_Bucket", "$root"] {
            assert_eq!(named(&format!(" {name}\n")).unwrap(), name);
        }
        let point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/backups";
        assert_eq!(named(point).unwrap(), point);
    }
}
