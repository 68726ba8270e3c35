use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};
use client::{Config, Endpoint, Identity, Login, Pace, Scheme, SecretString, Tls, Trust};

use super::restore::go_bool;
use super::time::above_zero;

/// The etcd that is backed up
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Etcd")]
pub(crate) struct EtcdArgs {
    /// Where etcd takes requests, separated by commas; one is asked as long as it answers
    #[arg(
        long,
        short = 'e',
        env = "ETCDBRCTL_ENDPOINTS",
        value_name = "URLS",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:2379"
    )]
    endpoints: Vec<String>,
    /// How long reading and storing one full may take
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = above_zero)]
    pub(crate) etcd_snapshot_timeout: Duration,
    #[command(flatten)]
    login: LoginArgs,
}

/// How etcd is asked
#[derive(Clone, Args)]
#[command(next_help_heading = "Etcd")]
pub(crate) struct LoginArgs {
    /// User of etcd; it needs the role root
    #[arg(long, env = "ETCDBRCTL_ETCD_USERNAME", value_name = "NAME")]
    etcd_username: Option<String>,
    /// Its password. Other users of this machine see it on a command line: set the variable
    #[arg(
        long,
        env = "ETCDBRCTL_ETCD_PASSWORD",
        hide_env_values = true,
        value_name = "PASSWORD"
    )]
    etcd_password: Option<SecretString>,
    /// File that holds the password, and a newline after it at most
    #[arg(long, env = "ETCDBRCTL_ETCD_PASSWORD_FILE", value_name = "FILE")]
    etcd_password_file: Option<PathBuf>,
    /// How long a connection, and an answer, may take
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = above_zero)]
    etcd_connection_timeout: Duration,
    /// Whether endpoints without a scheme are http
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL")]
    insecure_transport: bool,
    /// Accept any certificate of etcd
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    insecure_skip_tls_verify: bool,
    /// Certificates that etcd's is signed by (PEM; default: those that this machine trusts)
    #[arg(long, env = "ETCDBRCTL_CACERT", value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Our own certificate (PEM), read at every connection
    #[arg(long, env = "ETCDBRCTL_CERT", value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The key of our certificate (PEM)
    #[arg(long, env = "ETCDBRCTL_KEY", value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
}

impl std::fmt::Debug for LoginArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let user = &self.etcd_username;
        f.debug_struct("LoginArgs")
            .field("etcd_username", user)
            .finish_non_exhaustive()
    }
}

impl EtcdArgs {
    pub(crate) fn config(&self) -> Result<Config, String> {
        self.config_at(&self.endpoints)
    }

    /// The same at other endpoints.
    pub(crate) fn config_at(&self, endpoints: &[String]) -> Result<Config, String> {
        self.login.config(endpoints)
    }

    /// What etcd's certificates are signed by.
    pub(crate) fn cacert(&self) -> Option<PathBuf> {
        self.login.cacert.clone()
    }
}

impl LoginArgs {
    /// The etcd at these endpoints.
    pub(crate) fn config(&self, endpoints: &[String]) -> Result<Config, String> {
        let scheme = match self.insecure_transport {
            true => Scheme::Clear,
            false => Scheme::Tls,
        };
        let parse = |text: &String| {
            let endpoint = Endpoint::parse(text.trim(), scheme);
            endpoint.map_err(|why| why.to_string())
        };
        Ok(Config {
            endpoints: endpoints.iter().map(parse).collect::<Result<_, _>>()?,
            tls: Tls {
                trust: self.trust()?,
                identity: self.identity(),
            },
            login: self.login()?,
            pace: Pace {
                connect: self.etcd_connection_timeout,
                answer: self.etcd_connection_timeout,
                ..Pace::default()
            },
        })
    }

    /// Flags that say the same, as names and values; a password is none of them.
    pub(crate) fn spelled(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let (skips, clear) = (self.insecure_skip_tls_verify, self.insecure_transport);
        let flags = [
            ("--cacert", path(&self.cacert)),
            ("--cert", path(&self.cert)),
            ("--key", path(&self.key)),
            ("--etcd-username", self.etcd_username.clone()),
            ("--etcd-password-file", path(&self.etcd_password_file)),
            (
                "--insecure-skip-tls-verify",
                skips.then(|| "true".to_owned()),
            ),
            ("--insecure-transport", (!clear).then(|| "false".to_owned())),
        ];
        let given = flags.into_iter();
        given
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    fn trust(&self) -> Result<Trust, String> {
        match (&self.cacert, self.insecure_skip_tls_verify) {
            (None, true) => Ok(Trust::Anybody),
            (None, false) => Ok(Trust::Machine),
            (Some(file), false) => Ok(Trust::File(file.clone())),
            (Some(_), true) => Err(
                "--cacert has no effect with --insecure-skip-tls-verify: give one of them"
                    .to_owned(),
            ),
        }
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity {
            certificate: self.cert.clone()?,
            key: self.key.clone()?,
        })
    }

    fn login(&self) -> Result<Option<Login>, String> {
        match (&self.etcd_username, self.password()?) {
            (Some(user), Some(password)) => Ok(Some(Login {
                user: user.clone(),
                password,
            })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(
                "--etcd-username is given and no password: set ETCDBRCTL_ETCD_PASSWORD or --etcd-password-file"
                    .to_owned(),
            ),
            (None, Some(_)) => Err("a password of etcd is given and no --etcd-username".to_owned()),
        }
    }

    fn password(&self) -> Result<Option<SecretString>, String> {
        match (&self.etcd_password, &self.etcd_password_file) {
            (Some(_), Some(_)) => Err(
                "--etcd-password (or ETCDBRCTL_ETCD_PASSWORD) and --etcd-password-file are given: leave one of them out"
                    .to_owned(),
            ),
            (given, None) => Ok(given.clone()),
            (None, Some(path)) => {
                let read = std::fs::read_to_string(path);
                let text = read.map_err(|error| format!("--etcd-password-file {}: {error}", path.display()))?;
                let password = text.strip_suffix('\n').unwrap_or(&text);
                let password = password.strip_suffix('\r').unwrap_or(password);
                match password {
                    "" => Err(format!("--etcd-password-file {}: it is empty", path.display())),
                    password => Ok(Some(password.to_owned().into())),
                }
            }
        }
    }
}
