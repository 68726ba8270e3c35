use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use clap::Args;
use clap::builder::Resettable::Reset;
use engine::keyspace::Keys;

/// Which keys, as `etcdctl get` names them
#[derive(Debug, Clone, Args)]
pub(crate) struct KeysArgs {
    /// Key, as etcd has it: /registry/pods/default/web
    #[arg(value_name = "KEY")]
    first_key: OsString,
    /// Keys from KEY up to this one, which is not one of them
    #[arg(value_name = "RANGE_END", conflicts_with_all = ["prefix", "from_key"])]
    range_end: Option<OsString>,
    /// All keys that begin with KEY; with an empty KEY all there are
    #[arg(long, help_heading = Reset)]
    prefix: bool,
    /// All keys from KEY on
    #[arg(long, help_heading = Reset, conflicts_with = "prefix")]
    from_key: bool,
}

impl KeysArgs {
    pub(crate) fn keys(&self) -> Keys {
        let key = self.first_key.clone().into_vec();
        match (&self.range_end, self.prefix, self.from_key) {
            (Some(end), ..) => Keys::Range(key, end.clone().into_vec()),
            (None, true, _) => Keys::Prefix(key),
            (None, false, true) => Keys::From(key),
            (None, false, false) => Keys::One(key),
        }
    }
}
