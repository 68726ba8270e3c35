use std::path::PathBuf;

use clap::Args;
use client::Config;
use engine::recover_quorum::{Backup, Request, Wanted};
use engine::validate::{ServerVersion, Servers};

use super::restore::absolute;
use super::{LoginArgs, StoreArgs};
use crate::error::{Error, Result};

/// Flags of `recover-quorum`.
#[derive(Debug, Args)]
pub(crate) struct RecoverQuorumArgs {
    #[command(flatten)]
    lost: LostArgs,
    #[command(flatten)]
    member: NewMemberArgs,
    /// Clients of which members of the cluster are asked first: one that has a quorum is refused. Separated by commas
    #[arg(
        long,
        short = 'e',
        env = "ETCDBRCTL_ENDPOINTS",
        value_name = "URLS",
        value_delimiter = ',',
        help_heading = "Etcd"
    )]
    endpoints: Vec<String>,
    #[command(flatten)]
    login: LoginArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// What is left of the cluster
#[derive(Debug, Args)]
#[command(next_help_heading = "The cluster that lost its quorum")]
struct LostArgs {
    /// Data directory of one of its members; once for each that can be reached from here, with its etcd stopped
    #[arg(long, short, value_name = "DIR", required = true)]
    data_dir: Vec<PathBuf>,
    /// Id of the cluster, to confirm that this one is meant; without it the plan is printed, and the id
    #[arg(long, value_name = "HEX", value_parser = hex)]
    cluster_id: Option<u64>,
    /// The etcd version that will start, such as 3.5.35. Without it, only what all versions make of the WAL counts
    #[arg(long, value_name = "VERSION")]
    etcd_version: Option<ServerVersion>,
    /// Print what would be done and why, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// The one member of the new cluster
#[derive(Debug, Args)]
#[command(next_help_heading = "The new member (default: as it was)")]
struct NewMemberArgs {
    /// Name of the member
    #[arg(long)]
    name: Option<String>,
    /// Peer URLs of the member, separated by commas or one flag each
    #[arg(long, value_delimiter = ',', value_name = "URL")]
    initial_advertise_peer_urls: Vec<String>,
    /// Token of the new cluster (default: one made of the old cluster's id)
    #[arg(long, value_name = "TOKEN")]
    initial_cluster_token: Option<String>,
}

impl RecoverQuorumArgs {
    /// The directories, beside what the backups lead to.
    pub(crate) fn request(&self, backup: Option<Backup>) -> Result<Request> {
        let data_dirs = self.lost.data_dir.iter();
        Ok(Request {
            data_dirs: data_dirs.map(|dir| absolute(dir)).collect::<Result<_>>()?,
            servers: self.lost.etcd_version.map_or(Servers::Any, Servers::Only),
            wanted: Wanted {
                name: self.member.name.clone(),
                peer_urls: self.member.initial_advertise_peer_urls.clone(),
                token: self.member.initial_cluster_token.clone(),
            },
            backup,
        })
    }

    /// The id that was typed, where it shall be done.
    pub(crate) fn confirmed(&self) -> Option<u64> {
        self.lost.cluster_id.filter(|_| !self.lost.dry_run)
    }

    /// The id that was typed, whatever shall be done.
    pub(crate) fn cluster_id(&self) -> Option<u64> {
        self.lost.cluster_id
    }

    /// Who is asked whether there is a quorum; `None` where nobody is named.
    pub(crate) fn config(&self) -> Result<Option<Config>> {
        match self.endpoints.is_empty() {
            true => Ok(None),
            false => {
                let config = self.login.config(&self.endpoints);
                config.map(Some).map_err(Error::new)
            }
        }
    }

    /// The flags that name the backups. What the environment says of them, it says again.
    fn spelled_store(&self) -> Vec<(&'static str, String)> {
        let store = &self.store;
        if !store.is_named() {
            return Vec::new();
        }
        let endpoint = store.store_endpoint_override.as_ref();
        // One that may hold a secret is not repeated.
        let endpoint = endpoint.and_then(|endpoint| endpoint.text().ok());
        let all = [
            ("--storage-provider", store.storage_provider.as_str()),
            ("--store-container", &store.store_container),
            ("--store-prefix", &store.store_prefix),
            ("--store-endpoint-override", endpoint.unwrap_or_default()),
        ];
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        given
            .map(|(name, value)| (name, value.to_owned()))
            .collect()
    }

    /// The words of the command that does what was planned, for a shell. They hold no password.
    pub(crate) fn command(&self, cluster_id: &str) -> Result<Vec<String>> {
        let mut words = vec!["etcdbrctl".to_owned(), "recover-quorum".to_owned()];
        let mut flag = |name: &str, value: &str| words.push(format!("{name}={}", quoted(value)));
        for dir in &self.lost.data_dir {
            flag("--data-dir", &absolute(dir)?.display().to_string());
        }
        if let Some(version) = self.lost.etcd_version {
            flag("--etcd-version", &version.to_string());
        }
        if let Some(name) = &self.member.name {
            flag("--name", name);
        }
        for url in &self.member.initial_advertise_peer_urls {
            flag("--initial-advertise-peer-urls", url);
        }
        if let Some(token) = &self.member.initial_cluster_token {
            flag("--initial-cluster-token", token);
        }
        if !self.endpoints.is_empty() {
            flag("--endpoints", &self.endpoints.join(","));
            for (name, value) in self.login.spelled() {
                flag(name, &value);
            }
        }
        for (name, value) in self.spelled_store() {
            flag(name, &value);
        }
        flag("--cluster-id", cluster_id);
        Ok(words)
    }
}

/// An id as etcdctl prints it.
fn hex(text: &str) -> std::result::Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let id = is_hex
        .then(|| u64::from_str_radix(digits, 16).ok())
        .flatten();
    id.ok_or_else(|| "an id is up to 16 hexadecimal digits, as etcdctl prints it".to_owned())
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-:,=@%+[]".contains(&byte);
    match !word.is_empty() && word.bytes().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_hexadecimal() {
        for (text, id) in [("ab", 0xab), ("0xAB", 0xab), ("ffffffffffffffff", u64::MAX)] {
            assert_eq!(hex(text), Ok(id));
        }
        for text in ["", "0x", "xyz", "+1", "10000000000000000"] {
            assert!(hex(text).unwrap_err().contains("hexadecimal"), "{text}");
        }
    }

    #[test]
    fn a_word_is_one_word_for_a_shell() {
        assert_eq!(quoted("/var/lib/etcd"), "/var/lib/etcd");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
