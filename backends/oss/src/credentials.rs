use snapstore::{AddressingStyle, Result};
use snapstore_cloud::SecretString;
use snapstore_cloud::credentials::{Fields, Source, Watch};

use crate::config::{Endpoint, Settings};

/// What the credentials say now: everything that a client is made of.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) endpoint: Endpoint,
    pub(crate) id: String,
    pub(crate) secret: SecretString,
    /// The token of a session, if the keys are temporary (STS).
    pub(crate) session: Option<SecretString>,
    pub(crate) signature: Signature,
}

/// How requests are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signature {
    /// For any region; being phased out.
    V1,
    /// For one region.
    V4 { region: String },
}

/// Where the credentials of a store come from, to be read as often as they change.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    source: Source,
    endpoint: Option<String>,
    style: Option<AddressingStyle>,
}

impl Origin {
    pub(crate) fn find(settings: &Settings) -> Result<Self> {
        Ok(Self {
            source: Source::require(&settings.environment, "ALICLOUD_APPLICATION_CREDENTIALS")?,
            endpoint: settings.endpoint.clone(),
            style: settings.style,
        })
    }

    /// The files that change when the credentials do.
    pub(crate) fn watch(&self) -> Watch {
        self.source.watch()
    }

    /// The credentials as they are now.
    pub(crate) fn read(&self) -> Result<Access> {
        let mut access = access(&self.source.read()?, self.endpoint.as_deref())?;
        access.endpoint = access.endpoint.in_style(self.style);
        Ok(access)
    }
}

fn access(fields: &Fields, endpoint_override: Option<&str>) -> Result<Access> {
    let named = match endpoint_override {
        Some(url) => url,
        None => fields.need("storageEndpoint")?,
    };
    let endpoint = Endpoint::parse(named)?;
    Ok(Access {
        id: fields.need("accessKeyID")?.to_owned(),
        secret: fields.secret("accessKeySecret")?,
        session: fields.get("securityToken").map(SecretString::from),
        signature: signature(fields, &endpoint)?,
        endpoint,
    })
}

/// The newer one where the region is known. The reference has V1 alone and knows no region.
fn signature(fields: &Fields, endpoint: &Endpoint) -> Result<Signature> {
    let region = fields
        .get("region")
        .or(endpoint.region())
        .map(str::to_owned);
    let chosen = fields.get("signatureVersion").map(str::to_ascii_lowercase);
    match (chosen.as_deref(), region) {
        (Some("v1"), _) | (None, None) => Ok(Signature::V1),
        (Some("v4") | None, Some(region)) => Ok(Signature::V4 { region }),
        (Some("v4"), None) => Err(fields.wrong("signatureVersion v4 needs a region")),
        _ => Err(fields.wrong("signatureVersion is neither v1 nor v4")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Access> {
        let keys = [("accessKeyID", "id"), ("accessKeySecret", "hush\n")];
        let set = set.iter().chain(&keys);
        let set = set.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        access(&Fields::new("test", set), None)
    }

    #[test]
    fn the_newer_signature_is_taken_where_the_region_is_known() {
        let aliyun = ("storageEndpoint", "oss-cn-hangzhou.aliyuncs.com");
        let v4 = Signature::V4 {
            region: "cn-hangzhou".into(),
        };
        assert_eq!(read(&[aliyun]).unwrap().signature, v4);
        let old = read(&[aliyun, ("signatureVersion", "V1")]).unwrap();
        assert_eq!(old.signature, Signature::V1);
        let own = ("storageEndpoint", "http://127.0.0.1:1");
        assert_eq!(read(&[own]).unwrap().signature, Signature::V1);
        assert!(read(&[own, ("signatureVersion", "v4")]).is_err());
        assert!(!format!("{old:?}").contains("hush"));
    }
}
